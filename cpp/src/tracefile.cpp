#include "tracefile.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QDateTime>
#include <QtCore/QDir>
#include <QtCore/QRegularExpression>
#include <QtCore/QTemporaryFile>

namespace legwork::detail {

QString newTraceFile()
{
    // A name may have anything in it.
    static const auto &others =
        *new QRegularExpression(QStringLiteral("[^\\w.-]+"), QRegularExpression::UseUnicodePropertiesOption);
    const auto program = QCoreApplication::applicationName().replace(others, QStringLiteral("-"));
    const auto time = QDateTime::currentDateTime().toString(QStringLiteral("yyyyMMdd-hhmmss"));
    // The letters stand for what no file has yet: in a folder that all may write to, nobody can put a link there
    // before.
    const auto name =
        QStringLiteral("%1-%2-XXXXXX.json").arg(program.isEmpty() ? QStringLiteral("trace") : program, time);
    QTemporaryFile file(QDir::tempPath() + QLatin1Char('/') + name);
    file.setAutoRemove(false);
    return file.open() ? file.fileName() : file.fileTemplate();
}

} // namespace legwork::detail
