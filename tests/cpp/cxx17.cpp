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
    task.onComplete(&receiver, [&application](int value) { application.exit(value == 17 ? 0 : 1); })
        .onError(&receiver, [&application](const legwork::TaskError &) { application.exit(2); });
    return application.exec();
}
