// SPDX-License-Identifier: MIT
// Frees and allocates in the destructors of thread-local objects and of pthread keys, in threads and in main.
#include <cstdio>
#include <cstdlib>
#include <pthread.h>
#include <string>
#include <thread>
#include <vector>

struct owner
{
    std::vector<std::string> texts;
    ~owner()
    {
        texts.emplace_back(200, 'd');
        texts.clear();
        std::free(std::malloc(77));
    }
};

static thread_local owner mine;
static pthread_key_t key;

static void destroy(void *value)
{
    static thread_local int rounds = 0;
    std::free(value);
    if (++rounds < 3) // a key set again by a destructor is destroyed again
        pthread_setspecific(key, std::malloc(55));
}

static void fill()
{
    mine.texts.assign(50, std::string(100, 'x'));
    pthread_setspecific(key, std::malloc(44));
}

int main()
{
    pthread_key_create(&key, destroy);
    for (int i = 0; i < 200; i++)
    {
        std::thread first(fill), second(fill);
        first.join();
        second.join();
    }
    fill();
    std::puts("done");
    return 0;
}
