// For the program `qml` that Qt brings: the module is found, and its plugin loads.
import QtQml
import Legwork

QtObject {
    Component.onCompleted: {
        console.log("the pool has", TaskManager.maxWorkers, "workers");
        Qt.exit(0);
    }
}
