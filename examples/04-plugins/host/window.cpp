#include "window.h"

#include <QtCore/QFileInfo>
#include <QtWidgets/QApplication>
#include <QtWidgets/QGridLayout>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QPlainTextEdit>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QStyledItemDelegate>
#include <QtWidgets/QTreeWidget>

namespace {

enum Column { Name, State, Progress, Says };

constexpr int valueRole = Qt::UserRole; // from 0 to 1; none without a bar

// A bar where there is progress.
class ProgressDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &) const override
    {
        return {160, option.fontMetrics.height() + 10};
    }

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        QStyledItemDelegate::paint(painter, option, index);
        const auto value = index.data(valueRole);
        if (!value.isValid())
            return;
        QStyleOptionProgressBar bar;
        bar.state = QStyle::State_Enabled | QStyle::State_Horizontal;
        bar.palette = option.palette;
        bar.fontMetrics = option.fontMetrics;
        bar.rect = option.rect.adjusted(2, 4, -2, -4);
        bar.maximum = 1000;
        bar.progress = qRound(value.toDouble() * 1000);
        bar.text = QString("%1 %").arg(qRound(value.toDouble() * 100));
        bar.textVisible = true;
        bar.textAlignment = Qt::AlignCenter;
        QApplication::style()->drawControl(QStyle::CE_ProgressBar, &bar, painter);
    }
};

// The item's child at this place; made if it is not there.
QTreeWidgetItem *child(QTreeWidgetItem *parent, int place)
{
    return place < parent->childCount() ? parent->child(place) : new QTreeWidgetItem(parent);
}

void fill(QTreeWidgetItem *item, const QVariantMap &task)
{
    item->setText(Name, task["name"].toString());
    item->setText(State, task["statusName"].toString());
    const auto progress = task["progress"].toDouble();
    const bool bar = !task["periodic"].toBool() && progress >= 0;
    item->setData(Progress, valueRole, bar ? QVariant(progress) : QVariant());
    item->setText(Says,
                  task["periodic"].toBool() ? QString("run %1").arg(task["iteration"].toULongLong())
                                            : task["message"].toString());
}

} // namespace

Window::Window(legwork::PluginHost &host, const QStringList &files)
    : m_host(host), m_tree(new QTreeWidget), m_load(new QPushButton("&Load")), m_unload(new QPushButton("&Unload")),
      m_log(new QPlainTextEdit)
{
    setWindowTitle("A host and its plugins");
    m_tree->setHeaderLabels({"Plugins and their tasks", "State", "Progress", "Message"});
    m_tree->setItemDelegateForColumn(Progress, new ProgressDelegate(m_tree));
    m_tree->setColumnWidth(Name, 220);
    m_tree->setColumnWidth(State, 100);
    m_tree->setColumnWidth(Progress, 160);
    for (const auto &file : files) {
        auto *item = new QTreeWidgetItem(m_tree, {QFileInfo(file).baseName()});
        item->setData(Name, Qt::UserRole, file);
        item->setExpanded(true);
    }
    m_tree->setCurrentItem(m_tree->topLevelItem(0));
    m_log->setReadOnly(true);
    m_log->setMaximumBlockCount(1'000);

    auto *layout = new QGridLayout(this);
    layout->addWidget(m_tree, 0, 0, 1, 3);
    layout->addWidget(m_load, 1, 0);
    layout->addWidget(m_unload, 1, 1);
    layout->addWidget(m_log, 2, 0, 1, 3);
    layout->setColumnStretch(2, 1);
    layout->setRowStretch(0, 3);
    layout->setRowStretch(2, 2);
    resize(760, 520);

    auto *log = new TaskLog(this);
    connect(log, &TaskLog::line, m_log, &QPlainTextEdit::appendPlainText);
    m_refresh.setSingleShot(true);
    m_refresh.setInterval(50);
    connect(&m_refresh, &QTimer::timeout, this, &Window::refresh);
    const auto later = [this] {
        if (!m_refresh.isActive())
            m_refresh.start();
    };
    connect(log, &TaskLog::changed, this, later);
    connect(&m_host, &legwork::PluginHost::pluginsChanged, this, later);
    connect(m_tree, &QTreeWidget::currentItemChanged, this, &Window::enableButtons);
    connect(m_load, &QPushButton::clicked, this,
            [this] { load(m_tree->currentItem()->data(Name, Qt::UserRole).toString()); });
    connect(m_unload, &QPushButton::clicked, this, [this] { unload(selected()); });
    refresh();
}

//! [load]
void Window::load(const QString &file)
{
    if (!m_host.load(file))
        m_log->appendPlainText("host: " + m_host.lastError());
}

void Window::unload(const QString &name)
{
    const auto report = m_host.unload(name);
    if (report)
        m_log->appendPlainText("host: " + name + " is unloaded");
    else
        m_log->appendPlainText("host: " + report.error);
}
//! [load]

// The plugin that is selected, itself or by one of its tasks.
QString Window::selected() const
{
    auto *item = m_tree->currentItem();
    while (item && item->parent())
        item = item->parent();
    return item ? item->text(Name) : QString();
}

void Window::refresh()
{
    for (int i = 0; i < m_tree->topLevelItemCount(); ++i) {
        auto *item = m_tree->topLevelItem(i);
        const auto name = item->text(Name);
        item->setText(State, m_host.plugin(name) ? "loaded" : "");
        const auto tasks = m_host.tasks(name);
        for (int place = 0; place < tasks.size(); ++place)
            fill(child(item, place), tasks[place].toMap());
        while (item->childCount() > tasks.size())
            delete item->child(item->childCount() - 1);
    }
    enableButtons();
}

void Window::enableButtons()
{
    const auto name = selected();
    const bool loaded = m_host.plugin(name);
    m_load->setEnabled(!name.isEmpty() && !loaded);
    m_unload->setEnabled(loaded);
}
