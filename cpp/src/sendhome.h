// Results that go home: what is more than memory is destroyed on the manager's thread, by SendHome of detail.h.
#ifndef LEGWORK_SENDHOME_H
#define LEGWORK_SENDHOME_H

namespace legwork::detail {

// On the manager's thread: destroys the results that wait there for that. Its event loop does it, too; this is
// for a thread that has none yet, or no more.
void destroyResults();
// The same, once and for all, as the application goes.
void destroyLastResults();

} // namespace legwork::detail

#endif
