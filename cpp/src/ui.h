// The part of the QML module that is written in QML.
#ifndef LEGWORK_UI_H
#define LEGWORK_UI_H

namespace legwork {

// Makes TaskMonitor and its like types of the module; once.
void registerUi();

} // namespace legwork

#endif
