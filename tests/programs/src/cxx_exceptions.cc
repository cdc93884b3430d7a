// SPDX-License-Identifier: MIT
// Throws across frames that own memory, in threads, out of a qsort callback of libc, and rethrows from nested handlers.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

static int sink;

[[gnu::noinline]] static int descend(int depth)
{
    std::vector<std::string> owned(3, std::string(100, 'x'));
    if (depth == 0)
        throw std::runtime_error("at the bottom of the calls, a text that needs memory");
    return descend(depth - 1) + static_cast<int>(owned.size());
}

static int compare(const void *, const void *)
{
    throw std::logic_error("out of a callback");
}

static int catch_all_kinds(int rounds)
{
    int caught = 0;
    for (int i = 0; i < rounds; i++)
    {
        try
        {
            try
            {
                sink = descend(i % 40);
            }
            catch (...)
            {
                auto kept = std::make_unique<std::map<int, std::string>>();
                (*kept)[i] = "nested";
                std::throw_with_nested(std::invalid_argument("nested"));
            }
        }
        catch (const std::invalid_argument &)
        {
            caught++;
        }
    }
    return caught;
}

int main()
{
    int in_thread = 0;
    std::thread other([&] { in_thread = catch_all_kinds(500); });
    int here = catch_all_kinds(500);
    other.join();
    int numbers[3] = {3, 2, 1};
    try
    {
        std::qsort(numbers, 3, sizeof numbers[0], compare);
    }
    catch (const std::logic_error &error)
    {
        std::printf("%s\n", error.what());
    }
    try
    {
        volatile std::size_t too_much = static_cast<std::size_t>(-1) / 2;
        delete[] new char[too_much];
    }
    catch (const std::bad_alloc &)
    {
        std::printf("bad_alloc\n");
    }
    std::printf("%d %d\n", here, in_thread);
    return 0;
}
