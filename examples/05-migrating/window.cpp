#include "window.h"

#include <QtCore/QDirIterator>
#include <QtCore/QFile>
#include <QtWidgets/QFileDialog>
#include <QtWidgets/QGridLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QProgressBar>
#include <QtWidgets/QPushButton>

#include <stdexcept>

qint64 countLines(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        throw std::runtime_error((path + ": " + file.errorString()).toStdString());
    qint64 lines = 0;
    while (!file.atEnd())
        lines += file.read(1 << 20).count('\n');
    return lines;
}

Window::Window()
    : m_answer(new QLabel("How many lines are there?")), m_bar(new QProgressBar),
      m_choose(new QPushButton("Choose a folder…")), m_cancel(new QPushButton("Cancel"))
{
    auto *layout = new QGridLayout(this);
    layout->addWidget(m_answer, 0, 0, 1, 3);
    layout->addWidget(m_bar, 1, 0);
    layout->addWidget(m_choose, 1, 1);
    layout->addWidget(m_cancel, 1, 2);
    resize(640, 90);
    m_answer->setTextFormat(Qt::PlainText); // an error's text is not to be rendered
    m_cancel->setEnabled(false);
    connect(m_choose, &QPushButton::clicked, this, &Window::chooseFolder);
    connect(m_cancel, &QPushButton::clicked, this, &Window::stop);
}

void Window::chooseFolder()
{
    const auto folder = QFileDialog::getExistingDirectory(this);
    if (folder.isEmpty())
        return;
    QStringList files;
    QDirIterator below(folder, QDir::Files, QDirIterator::Subdirectories);
    while (below.hasNext())
        files.append(below.next());
    m_answer->setText("Counting");
    m_choose->setEnabled(false);
    m_cancel->setEnabled(true);
    start(files);
}

void Window::showProgress(double value) { m_bar->setValue(qRound(value * 100)); }

void Window::showResult(qint64 lines) { end(QString("%1 lines").arg(lines)); }

void Window::showError(const QString &message) { end(message); }

void Window::showCancelled() { end("Cancelled"); }

QString Window::answer() const { return m_answer->text(); }

void Window::end(const QString &text)
{
    m_answer->setText(text);
    m_choose->setEnabled(true);
    m_cancel->setEnabled(false);
}
