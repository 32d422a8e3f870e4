// A QML plugin: it brings the shared library into a process that has only QML. The class is named by the build.

#include <QtQml/QQmlEngineExtensionPlugin>

void qml_register_types_Legwork();

class LEGWORK_QML_PLUGIN : public QQmlEngineExtensionPlugin {
    Q_OBJECT
    Q_PLUGIN_METADATA(IID QQmlEngineExtensionInterface_iid)

public:
    explicit LEGWORK_QML_PLUGIN(QObject *parent = nullptr) : QQmlEngineExtensionPlugin(parent)
    {
        // The library registers its types as it is loaded. Without a reference the linker would
        // leave it out.
        void (*volatile registration)() = &qml_register_types_Legwork;
        Q_UNUSED(registration)
    }
};

#include "qmlplugin.moc"
