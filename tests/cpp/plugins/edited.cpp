// A plugin that its author compiles anew: LEGWORK_TESTS_VERSION. What of it stays in the process is another
// question for each kind.
#include <legwork/legwork.h>

#include <string>

namespace {

#ifdef LEGWORK_TESTS_THREAD_LOCAL
struct Cache {
    std::string text = "filled";
    ~Cache() { text.clear(); }
};
thread_local Cache cache;
#endif

} // namespace

#ifdef LEGWORK_TESTS_UNIQUE
template<typename T> struct Registry {
    static T &instance()
    {
        static T one;
        return one;
    }
};
#endif

// Of the same name in each version, and of another size.
struct EditedValue {
    int version = LEGWORK_TESTS_VERSION;
    int more[LEGWORK_TESTS_VERSION * 4] = {};
};

class Edited : public legwork::BasePlugin {
    Q_OBJECT
    Q_PLUGIN_METADATA(IID LEGWORK_PLUGIN_IID FILE "edited.json")

public:
    void initialize() override
    {
        registerJob("edited.version", [] {
#ifdef LEGWORK_TESTS_THREAD_LOCAL
            cache.text += 'x';
#endif
#ifdef LEGWORK_TESTS_UNIQUE
            Registry<std::string>::instance() += 'x';
#endif
            return LEGWORK_TESTS_VERSION;
        });
        scheduleTask([](legwork::TaskContext &context) { context.setMessage("at work"); },
                     {.periodic = true, .intervalMs = 1});
    }

    // The version of the type that its own name stands for in Qt's registry.
    Q_INVOKABLE int ownType() const
    {
        const auto id = qMetaTypeId<EditedValue>();
        const QMetaType type(id);
        return type.sizeOf() == sizeof(EditedValue) && QMetaType::fromName(type.name()).id() == id
            ? QVariant(type).value<EditedValue>().version
            : 0;
    }
};

#include "edited.moc"
