// The headers are good for C++17.
#include <legwork/legwork.h>

#include <QtCore/QCoreApplication>

static_assert(__cplusplus < 202002L, "this is to be compiled as C++17");

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    QObject receiver;
    legwork::TaskOptions options;
    options.name = QStringLiteral("Seventeen");
    const auto task = legwork::run(
        [](legwork::TaskContext &context) {
            context.checkpoint();
            return 17;
        },
        options);
    legwork::stream<int>([](legwork::Sender<int> &numbers) { numbers.send(17); }, options)
        .onValues(&receiver, [](const QList<int> &) {});
    legwork::GroupOptions whole;
    whole.name = QStringLiteral("Whole");
    const auto text = task.then([](int value) { return QString::number(value); }, options);
    const auto moved =
        task.then([](int &&value) { return std::make_unique<int>(value); }).then([](std::unique_ptr<int> value) {
            return *value;
        });
    legwork::all(std::make_tuple(legwork::all({task, moved}, whole), text, legwork::any({task})), whole)
        .onComplete(&receiver,
                    [&application](const std::tuple<QList<int>, QString, int> &all) {
                        const auto &[numbers, said, one] = all;
                        const bool good = numbers == QList<int>{17, 17} && said == QStringLiteral("17") && one == 17;
                        application.exit(good ? 0 : 1);
                    })
        .onError(&receiver, [&application](const legwork::TaskError &) { application.exit(2); });
    return application.exec();
}
