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
//             const auto reading = legwork::run([path] { return read(path); });
//             label->setText(co_await reading.on(this));
//         } catch (const std::exception &error) {
//             label->setText(error.what());
//         }
//     }
//
// Make the task first, as here: a lambda with captures that is made inside of the co_await expression
// is destroyed twice by g++ 12, a defect of the compiler.
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
