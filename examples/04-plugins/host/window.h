// The plugins with their tasks, buttons to load and unload them, and a log.
#ifndef WINDOW_H
#define WINDOW_H

#include "tasklog.h"

#include <legwork/pluginhost.h>

#include <QtCore/QTimer>
#include <QtWidgets/QWidget>

class QPlainTextEdit;
class QPushButton;
class QTreeWidget;
class QTreeWidgetItem;

class Window : public QWidget {
    Q_OBJECT

public:
    // `files`: the libraries that can be loaded.
    Window(legwork::PluginHost &host, const QStringList &files);

    void load(const QString &file);
    void unload(const QString &name);

private:
    void refresh();
    void enableButtons();
    QString selected() const;

    legwork::PluginHost &m_host;
    QTimer m_refresh; // at most once in 50 ms
    QTreeWidget *m_tree;
    QPushButton *m_load;
    QPushButton *m_unload;
    QPlainTextEdit *m_log;
};

#endif
