// SPDX-License-Identifier: MIT
// Exceptions of C++ that leave frames which have allocated, and allocate on their way.
#include "frames.h"

#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace
{
struct Descends
{
    unsigned depth;
    explicit Descends(unsigned at) : depth(at)
    {
    }
    Descends(const Descends &) = delete;
    Descends &operator=(const Descends &) = delete;
    ~Descends()
    {
        descend(depth);
    }
};

NOT_INLINED void throw_from(unsigned depth, unsigned levels)
{
    Descends on_the_way(levels % 2 == 0 ? depth : 0);
    if (levels == 0)
        throw std::runtime_error(std::string(40 + choose(100), 'x'));
    throw_from(depth, levels - 1);
    KEEPS_ITS_FRAME();
}

NOT_INLINED void thrown_and_caught(unsigned depth)
{
    try
    {
        throw_from(depth, 1 + choose(4));
    }
    catch (const std::runtime_error &error)
    {
        descend(depth);
    }
    KEEPS_ITS_FRAME();
}

NOT_INLINED void rethrow(unsigned depth)
{
    try
    {
        throw_from(0, 2);
    }
    catch (...)
    {
        descend(depth);
        throw;
    }
}

NOT_INLINED void thrown_again(unsigned depth)
{
    try
    {
        rethrow(depth);
    }
    catch (const std::exception &error)
    {
        std::string text = std::string("caught ") + error.what();
        descend(depth);
    }
    KEEPS_ITS_FRAME();
}

NOT_INLINED void called_by_templates(unsigned depth)
{
    std::vector<std::function<void(unsigned)>> functions;
    for (int i = 0; i < 3; i++)
        functions.emplace_back([i](unsigned at) { descend(i == 1 ? at : 0); });
    for (const auto &function : functions)
        function(depth);
    KEEPS_ITS_FRAME();
}
} // namespace

extern "C" const struct frames_shape shapes_of_exceptions[] = {
    {"thrown_and_caught", thrown_and_caught},
    {"thrown_again", thrown_again},
    {"called_by_templates", called_by_templates},
    {nullptr, nullptr},
};
