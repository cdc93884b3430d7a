// SPDX-License-Identifier: MIT
// Facts: the C++ library on top of malloc. Its pool for exceptions in need, 72,704 bytes, is allocated before anything
// else in a process, so all facts of this program stand on it.
#include "conformance.h"

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace
{
volatile std::size_t too_large = std::numeric_limits<std::size_t>::max() / 2;

template <typename Call> bool throws_bad_alloc(Call call)
{
    try
    {
        call();
    }
    catch (const std::bad_alloc &)
    {
        return true;
    }
    return false;
}

void new_throws_when_there_is_no_memory()
{
    EXPECT(throws_bad_alloc([] { ::operator delete(::operator new(too_large - 100)); }));
    EXPECT(throws_bad_alloc([] { ::operator delete[](::operator new[](too_large - 100)); }));
    EXPECT(throws_bad_alloc([] { std::vector<char>(too_large / 2); }));
    EXPECT(::operator new(too_large - 100, std::nothrow) == nullptr);
}

// The exception object itself comes from the pool then.
void exceptions_are_thrown_without_memory()
{
    constexpr std::size_t limit = std::size_t{512} << 20;
    struct link
    {
        link *next;
        char rest[10000];
    };
    conformance_begin_again_with(limit, __func__);
    link *chain = nullptr;
    std::size_t count = 0;
    EXPECT(throws_bad_alloc(
        [&]
        {
            for (; count * sizeof(link) < 2 * limit; count++)
                chain = new link{chain, {}};
        }));
    EXPECT(count * sizeof(link) > limit / 8);
    while (chain)
        delete std::exchange(chain, chain->next);
}

template <std::size_t alignment> struct alignas(alignment) aligned
{
    char first;
};

template <std::size_t alignment> void expect_aligned_new()
{
    for (int count = 1; count < 40; count++)
    {
        auto *one = new aligned<alignment>;
        auto *many = new aligned<alignment>[static_cast<std::size_t>(count)];
        EXPECT(reinterpret_cast<std::uintptr_t>(one) % alignment == 0);
        EXPECT(reinterpret_cast<std::uintptr_t>(many) % alignment == 0);
        delete one;
        delete[] many;
    }
}

void aligned_new_is_aligned()
{
    expect_aligned_new<32>();
    expect_aligned_new<64>();
    expect_aligned_new<4096>();
    expect_aligned_new<65536>();
}

void every_form_of_delete_frees()
{
    constexpr auto far = std::align_val_t{256};
    for (std::size_t bytes = 1; bytes < std::size_t{4} << 20; bytes = bytes * 3 / 2 + 1)
    {
        ::operator delete(::operator new(bytes));
        ::operator delete(::operator new(bytes), bytes);
        ::operator delete[](::operator new[](bytes), bytes);
        ::operator delete(::operator new(bytes, std::nothrow), std::nothrow);
        ::operator delete[](::operator new[](bytes, std::nothrow), std::nothrow);
        ::operator delete(::operator new(bytes, far), far);
        ::operator delete(::operator new(bytes, far), bytes, far);
        ::operator delete[](::operator new[](bytes, far), bytes, far);
        ::operator delete(::operator new(bytes, far, std::nothrow), far, std::nothrow);
    }
    ::operator delete(nullptr);
    ::operator delete (nullptr, std::size_t{8});
    ::operator delete (nullptr, std::size_t{8}, far);
}

struct base
{
    virtual ~base() = default;
    char first = 1;
};

struct derived : base
{
    char rest[5000] = {};
    std::string text = std::string(100, 'd');
};

// The sized delete gets the size of the derived object.
void objects_are_deleted_through_their_base()
{
    for (int i = 0; i < 1000; i++)
    {
        std::unique_ptr<base> object(new derived);
        EXPECT(object->first == 1);
    }
}

void containers_grow_and_shrink()
{
    std::map<int, std::vector<std::string>> map;
    for (int i = 0; i < 20000; i++)
        map[i % 257].emplace_back(static_cast<std::size_t>(i % 90), 'x');
    std::size_t characters = 0;
    for (auto &[key, texts] : map)
    {
        for (const auto &text : texts)
            characters += text.size();
        texts.resize(1);
        texts.shrink_to_fit();
    }
    EXPECT(characters == 889300);
}

struct owner
{
    std::vector<std::string> texts;
    ~owner()
    {
        EXPECT(texts.size() == 50 && texts[49] == std::string(100, 'x'));
        texts.emplace_back(5000, 'd');
    }
};

thread_local owner mine;

void threads_free_in_the_destructors_of_their_objects()
{
    auto own = [] { mine.texts.assign(50, std::string(100, 'x')); };
    for (int i = 0; i < 300; i++)
    {
        std::thread first(own), second(own);
        first.join();
        second.join();
    }
    own();
}
} // namespace

extern "C" const struct fact facts_of_cxx[] = {
    FACT(new_throws_when_there_is_no_memory),
    FACT(exceptions_are_thrown_without_memory),
    FACT(aligned_new_is_aligned),
    FACT(every_form_of_delete_frees),
    FACT(objects_are_deleted_through_their_base),
    FACT(containers_grow_and_shrink),
    FACT(threads_free_in_the_destructors_of_their_objects),
    {nullptr, nullptr},
};
