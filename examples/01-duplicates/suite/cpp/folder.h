// A folder of files to be searched.
#ifndef DUPLICATES_SUITE_FOLDER_H
#define DUPLICATES_SUITE_FOLDER_H

#include <QtCore/QObject>
#include <QtCore/QString>
#include <QtCore/QTemporaryDir>
#include <QtQml/qqml.h>

namespace suite {

// It is gone with its object. Names are below it; the folders that they are in are made. What cannot be done is a
// warning, and the test that needs it fails.
class Folder : public QObject {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QString path READ path CONSTANT)

public:
    using QObject::QObject;

    QString path() const;
    // The content, so many times.
    Q_INVOKABLE void write(const QString &name, const QString &content, int times = 1);
    // Another name of a file.
    Q_INVOKABLE void link(const QString &name, const QString &file);
    Q_INVOKABLE void symlink(const QString &name, const QString &target);
    Q_INVOKABLE void remove(const QString &name);

private:
    // The whole path of a name, whose folder is there.
    QString place(const QString &name) const;

    QTemporaryDir m_folder;
};

} // namespace suite

#endif
