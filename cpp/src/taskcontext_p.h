// How a body's TaskContext and its tokens are made.
#ifndef LEGWORK_TASKCONTEXT_P_H
#define LEGWORK_TASKCONTEXT_P_H

#include "legwork/taskcontext.h"

#include <memory>
#include <utility>

namespace legwork {

// Around the call of a body.
class TaskContextPrivate {
public:
    // `owner`: whose code the body is, 0 for the application's.
    TaskContextPrivate(const detail::RustContext &rust, quint64 owner) : m_context(rust, owner) { }

    TaskContext &context() { return m_context; }
    // Whether a value was not sent, as the body was asked to stop.
    bool wasCut() const { return m_context.m_cut; }

private:
    TaskContext m_context;
};

class CancelTokenPrivate {
public:
    static CancelToken of(std::shared_ptr<const detail::RustToken> rust)
    {
        CancelToken token;
        token.m_token = std::move(rust);
        return token;
    }
};

} // namespace legwork

#endif
