// SPDX-License-Identifier: MIT
// Work for a C++ compiler: the standard library's heavier templates, instantiated for KINDS types.
#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

template <int N> struct item
{
    int values[N % 7 + 1];
    std::string name;
    bool operator<(const item &other) const { return name < other.name; }
};

template <int N> int work()
{
    std::map<std::string, std::vector<item<N>>> groups;
    std::unordered_map<int, std::tuple<item<N>, std::string>> index;
    std::variant<int, std::string, item<N>> choice = item<N>{};
    std::function<int(int)> step = [&](int value) { return value + static_cast<int>(groups.size()) + N; };
    for (int i = 0; i < 10; i++)
    {
        groups[std::to_string(i)].push_back(item<N>{{}, std::to_string(step(i))});
        index.emplace(i, std::make_tuple(item<N>{{}, "x"}, std::to_string(i)));
    }
    for (auto &group : groups)
        std::sort(group.second.begin(), group.second.end());
    return std::visit([](auto &held) { return static_cast<int>(sizeof held); }, choice) + static_cast<int>(index.size());
}

template <int... N> int all(std::integer_sequence<int, N...>)
{
    return (work<N>() + ... + 0);
}

int main()
{
    return all(std::make_integer_sequence<int, KINDS>{});
}
