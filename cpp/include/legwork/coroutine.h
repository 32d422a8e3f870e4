// A coroutine that awaits tasks (C++20).
#ifndef LEGWORK_COROUTINE_H
#define LEGWORK_COROUTINE_H

#include <legwork/task.h>

#ifdef LEGWORK_COROUTINES

namespace legwork {

namespace detail {
LEGWORK_EXPORT void coroutineThrew() noexcept;
}

// What a function returns that awaits tasks and is awaited by nobody:
//
//     legwork::Coroutine Window::load(QString path)
//     {
//         try {
//             label->setText(co_await legwork::run([path] { return read(path); }).on(this));
//         } catch (const std::exception &error) {
//             label->setText(error.what());
//         }
//     }
//
// It begins at once, in the call, and ends by itself. What it throws is logged. Where the receiver
// is destroyed while it waits, it is destroyed with all its locals.
struct Coroutine {
    struct promise_type {
        Coroutine get_return_object() const noexcept { return {}; }
        std::suspend_never initial_suspend() const noexcept { return {}; }
        std::suspend_never final_suspend() const noexcept { return {}; }
        void return_void() const noexcept { }
        void unhandled_exception() const noexcept { detail::coroutineThrew(); }
    };
};

} // namespace legwork

#endif

#endif
