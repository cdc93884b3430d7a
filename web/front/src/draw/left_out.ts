// SPDX-License-Identifier: MIT
// Frames that call trees leave out: as in the terminal those of Heapreel and of the start of a program, and the ways to
// malloc, which every allocation goes.
import { baseName, isOwnModule } from '~/text/stack';

const starts = new Set(['start_thread', 'clone', 'clone3', '__clone', '__clone3']);
const cLibrary = /^(?:libc[.-]|libpthread|ld-)/;
const waysToMalloc =
  /^(?:operator new(?:\[\])?\(|(?:__gnu_cxx::new_allocator|std::__new_allocator|std::allocator|std::allocator_traits)<.*>::allocate\(|(?:__libc_|__GI_|__interceptor_|g_|x)?(?:try_)?(?:malloc|calloc|realloc|reallocarray|memalign|aligned_alloc|posix_memalign|malloc0|malloc_n|malloc0_n|realloc_n)$)/;

function isStart(name: string, module: string | null): boolean {
  if (name === '_start' || name.startsWith('__libc_start_')) return true;
  return starts.has(name) && cLibrary.test(baseName(module ?? ''));
}

/** Containers and strings of C++ and Rust, by a frame's text: whoever fills them is who is looked for. */
export function isOfStandardLibrary(frame: string): boolean {
  return /^(?:\w+ )?(?:std|__gnu_cxx)::|\/include\/c\+\+\/|\/library\/(?:alloc|core|std)\/src\//.test(frame);
}

export type IsLeftOut = (name: string | null, module: string | null) => boolean;

export const isLeftOut: IsLeftOut = (name, module) =>
  isOwnModule(module) || (name !== null && (isStart(name, module) || waysToMalloc.test(name)));

export const nothingIsLeftOut: IsLeftOut = () => false;
