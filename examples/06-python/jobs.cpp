// The jobs of the application. Python loads this library, which registers them.
#include <legwork/legwork.h>

#include <QtCore/QCryptographicHash>
#include <QtCore/QFile>

namespace {

QString sha256(legwork::TaskContext &context, const QVariantList &arguments)
{
    QFile file(arguments.value(0).toString());
    if (!file.open(QIODevice::ReadOnly))
        throw std::runtime_error(qPrintable(file.fileName() + ": " + file.errorString()));
    QCryptographicHash hash(QCryptographicHash::Sha256);
    while (!file.atEnd()) {
        context.checkpoint();
        hash.addData(file.read(1 << 20));
        context.setProgress(double(file.pos()) / double(file.size()));
    }
    return QString::fromLatin1(hash.result().toHex());
}

[[maybe_unused]] const auto registered = legwork::registerJob("sha256", sha256);

} // namespace
