#include "pluginfile.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QHash>

#include <dlfcn.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>

#if __has_include(<elf.h>) && __has_include(<link.h>)
#include <link.h>
#define LEGWORK_ELF 1
#endif

namespace legwork {

namespace {

// What tells one content of a file from another, without reading it.
struct Identity {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    timespec modified = {};

    friend bool operator==(const Identity &a, const Identity &b)
    {
        return a.device == b.device && a.inode == b.inode && a.size == b.size && a.modified.tv_sec == b.modified.tv_sec
            && a.modified.tv_nsec == b.modified.tv_nsec;
    }
};

std::optional<Identity> identityOf(const QString &path)
{
    struct stat status = {};
    if (::stat(QFile::encodeName(path).constData(), &status) != 0)
        return std::nullopt;
#ifdef Q_OS_DARWIN
    return Identity{status.st_dev, status.st_ino, status.st_size, status.st_mtimespec};
#else
    return Identity{status.st_dev, status.st_ino, status.st_size, status.st_mtim};
#endif
}

// What was opened where it lies, by its path. On the manager's thread.
QHash<QString, Identity> &openedFiles()
{
    static auto &files = *new QHash<QString, Identity>;
    return files;
}

// Whether all that the library's header speaks of is there. Of a file that somebody is still writing it is
// not, and to touch what is missing of a mapped file ends the process.
bool isComplete([[maybe_unused]] const QByteArray &content)
{
#ifdef LEGWORK_ELF
    const auto size = static_cast<quint64>(content.size());
    ElfW(Ehdr) header;
    if (size < sizeof header || std::memcmp(content.constData(), ELFMAG, SELFMAG) != 0)
        return true; // something else, which Qt is going to refuse
    std::memcpy(&header, content.constData(), sizeof header);
    const quint64 end = header.e_phoff + quint64(header.e_phnum) * sizeof(ElfW(Phdr));
    if (header.e_phentsize != sizeof(ElfW(Phdr)))
        return true;
    if (header.e_phoff > size || end > size)
        return false;
    for (quint64 at = header.e_phoff; at < end; at += sizeof(ElfW(Phdr))) {
        ElfW(Phdr) part;
        std::memcpy(&part, content.constData() + at, sizeof part);
        if (part.p_type == PT_LOAD && (part.p_offset > size || part.p_filesz > size - part.p_offset))
            return false;
    }
#endif
    return true;
}

// Whether it might look for other libraries where it lies itself. The text stands in its dynamic section;
// where it stands elsewhere the library loses nothing but the copy.
bool needsItsPlace([[maybe_unused]] const QByteArray &content)
{
#ifdef LEGWORK_ELF
    return content.contains("$ORIGIN") || content.contains("${ORIGIN}");
#else
    return true;
#endif
}

// Whether code can be mapped from the file system that the folder is in.
bool allowsCode([[maybe_unused]] const QString &folder)
{
#ifdef ST_NOEXEC
    struct statvfs status = {};
    return ::statvfs(QFile::encodeName(folder).constData(), &status) == 0 && !(status.f_flag & ST_NOEXEC);
#else
    return true;
#endif
}

} // namespace

bool isMapped(const QString &path)
{
    void *library = dlopen(QFile::encodeName(path).constData(), RTLD_LAZY | RTLD_NOLOAD);
    if (library)
        dlclose(library);
    return library != nullptr;
}

PluginFile::PluginFile(const QString &canonical) : m_canonical(canonical), m_path(canonical)
{
    const bool present = isMapped(canonical);
    // dlopen puts something else in the place of $LIB and its like.
    if (!present && !QFileInfo(canonical).isWritable() && !canonical.contains(QLatin1Char('$')))
        return;
    QFile file(canonical);
    if (!file.open(QIODevice::ReadOnly)) {
        m_error = file.errorString();
        return;
    }
    const auto content = file.readAll();
    if (!isComplete(content)) {
        m_error = QStringLiteral("the file is cut off; if it is being written, load it again once it is complete");
        return;
    }
    if (!needsItsPlace(content) && copy(content))
        return;
    // A library that is present though it was not opened here belongs to the application, which knows what it is.
    const auto known = openedFiles().constFind(canonical);
    if (present && known != openedFiles().constEnd() && !(identityOf(canonical) == *known))
        m_error = QStringLiteral(
            "the library that was loaded from this file before is still in the process, and the file has changed. A "
            "copy of the file cannot be loaded beside it, as the library looks for others relative to its own place "
            "($ORIGIN), or as there is no folder for the copy: start the application anew");
}

namespace {

// Copies of processes that ended without a word, such as by a signal: their folders have their numbers.
void sweepCopies()
{
#ifdef Q_OS_UNIX
    const QDir place(QDir::tempPath());
    const auto folders = place.entryList({QStringLiteral("legwork-*-*")}, QDir::Dirs);
    for (const auto &folder : folders) {
        bool isNumber = false;
        const auto process = folder.section(QLatin1Char('-'), 1, 1).toInt(&isNumber);
        // Another user's cannot be removed, and those of a process with the same number stay for later.
        if (isNumber && process > 0 && ::kill(process, 0) != 0 && errno == ESRCH)
            QDir(place.filePath(folder)).removeRecursively();
    }
#endif
}

} // namespace

bool PluginFile::copy(const QByteArray &content)
{
    static const bool swept = (sweepCopies(), true);
    Q_UNUSED(swept);
    auto folder = std::make_unique<QTemporaryDir>(
        QStringLiteral("%1/legwork-%2-XXXXXX").arg(QDir::tempPath()).arg(QCoreApplication::applicationPid()));
    if (!folder->isValid() || !allowsCode(folder->path()))
        return false;
    // Under its own name, by which debuggers show it.
    const auto name = QFileInfo(m_canonical).fileName().replace(QLatin1Char('$'), QLatin1Char('_'));
    QFile copy(folder->filePath(name));
    if (!copy.open(QIODevice::WriteOnly) || copy.write(content) != content.size() || !copy.flush())
        return false;
    copy.close();
    m_path = copy.fileName();
    m_folder = std::move(folder);
    return true;
}

void PluginFile::opened() const
{
    if (m_folder)
        return;
    if (const auto identity = identityOf(m_path))
        openedFiles().insert(m_canonical, *identity);
}

} // namespace legwork
