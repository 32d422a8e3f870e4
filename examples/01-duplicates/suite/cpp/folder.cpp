#include "duplicates_suite/folder.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>

#include <filesystem>

namespace suite {

namespace {

void warn(const std::error_code &error, const QString &name)
{
    if (error)
        qWarning("%s: %s", qPrintable(name), error.message().c_str());
}

} // namespace

// As the system has it, without links.
QString Folder::path() const { return QFileInfo(m_folder.path()).canonicalFilePath(); }

QString Folder::place(const QString &name) const
{
    const QString whole = path() + QLatin1Char('/') + name;
    QDir().mkpath(QFileInfo(whole).path());
    return whole;
}

void Folder::write(const QString &name, const QString &content, int times)
{
    QFile file(place(name));
    const QByteArray bytes = content.toUtf8().repeated(times);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        qWarning("%s: %s", qPrintable(name), qPrintable(file.errorString()));
}

void Folder::link(const QString &name, const QString &file)
{
    std::error_code error;
    std::filesystem::create_hard_link(place(file).toStdString(), place(name).toStdString(), error);
    warn(error, name);
}

void Folder::symlink(const QString &name, const QString &target)
{
    std::error_code error;
    std::filesystem::create_symlink(target.toStdString(), place(name).toStdString(), error);
    warn(error, name);
}

void Folder::remove(const QString &name)
{
    QFile file(place(name));
    if (!file.remove())
        qWarning("%s: %s", qPrintable(name), qPrintable(file.errorString()));
}

} // namespace suite
