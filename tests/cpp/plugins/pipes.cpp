// A plugin whose results go from task to task while it is unloaded.
#include <legwork/legwork.h>

#include <atomic>

namespace {

// Known to this library only.
struct Part {
    Part() = default;
    explicit Part(int n) : number(n), text(QString::number(n)) { }
    ~Part() { number = -1; }
    Part(const Part &) = default;
    Part &operator=(const Part &) = default;
    int number = 0;
    QString text;
};

} // namespace

class Pipes : public legwork::BasePlugin {
    Q_OBJECT
    Q_PLUGIN_METADATA(IID LEGWORK_PLUGIN_IID)

public:
    using legwork::BasePlugin::BasePlugin;

    void initialize() override
    {
        registerJob("pipes.part", [](const QVariantList &args) { return Part(args.value(0).toInt()); });
        for (int i = 0; i < 50; ++i) {
            const auto first = runInBackground([i] { return Part(i); }, {.name = "First"});
            const auto second = first.then(
                [guard = Part(i)](const Part &part) { return Part(part.number + guard.number); }, {.name = "Second"});
            const auto third = then(second, [](Part part) { return std::make_unique<Part>(part); }, {.name = "Third"});
            third.then([](std::unique_ptr<Part> part) { return part->number; });
            all({first, second}, {.name = "All"})
                .then([guard = Part(i)](QList<Part> parts) { return parts[1].number == 2 * guard.number; })
                .onComplete(this, [this, guard = Part(i)](bool good) { m_heard += good && guard.number >= 0; });
            all(std::tuple(first, any({first, first}))).onEnd(this, [this] { ++m_heard; });
            // A task of the application's.
            then(legwork::runJob("host.number", {i}), [guard = Part(i)](const QVariant &number) {
                return Part(number.toInt() - guard.number);
            }).onComplete(this, [this](const Part &part) { m_heard += part.number == 0; });
        }
        // In line behind what does not end by itself.
        const auto endless = runInBackground(
            [](legwork::TaskContext &context) {
                while (context.sleep(std::chrono::milliseconds(5))) { }
                context.checkpoint();
                return Part(1);
            },
            {.name = "Endless"});
        const auto waits = endless.then([guard = Part(1)](const Part &part) { return part; }, {.name = "Waits"});
        all({endless, waits}).then([guard = Part(1)](const QList<Part> &) {}, {.name = "Last"});
    }

    Q_INVOKABLE int heard() const { return m_heard; }

private:
    int m_heard = 0;
};

#include "pipes.moc"
