// The file that a plugin's library is opened from.
#ifndef LEGWORK_PLUGINFILE_H
#define LEGWORK_PLUGINFILE_H

#include <QtCore/QString>
#include <QtCore/QTemporaryDir>

#include <memory>

namespace legwork {

// Code is mapped from its file, which has two consequences where a plugin is compiled anew.
//
// A program that writes into the file (cp, some linkers) changes the code that runs, and takes away what the process
// had written into its data. And where the library of a file is in the process, the C library gives that one, by the
// file's name or its inode, whatever the file holds by now; a library stays there while threads have
// thread_local objects of it, or for ever if it has unique symbols. So a file that may change is never
// mapped: a copy of it is, under a path of its own. A file that nobody but another user may write is opened
// itself, as debuggers and profilers like it better, unless its library is in the process already.
//
// What looks for its own libraries beside itself ($ORIGIN) would not find them from another place. It is
// opened itself, too, and refused where that would give another version than the one that lies there.
class PluginFile {
public:
    // Copies the file, if it has to be. `canonical` is the file's canonical path.
    explicit PluginFile(const QString &canonical);

    // Why it must not be opened; else empty.
    const QString &error() const { return m_error; }
    // What is to be opened.
    const QString &path() const { return m_path; }
    bool isCopy() const { return m_folder != nullptr; }
    // That it was opened, and its library is in the process.
    void opened() const;

private:
    bool copy(const QByteArray &content);

    QString m_canonical;
    QString m_path;
    QString m_error;
    // Of the copy, and taken away with this.
    std::unique_ptr<QTemporaryDir> m_folder;
};

// Whether the library that was opened under this path is in the process.
bool isMapped(const QString &path);

} // namespace legwork

#endif
