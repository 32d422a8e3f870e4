// What stays as it is when an application moves to Legwork: the work, and the widgets.
#ifndef WINDOW_H
#define WINDOW_H

#include <QtCore/QStringList>
#include <QtWidgets/QWidget>

#include <memory>

class QLabel;
class QProgressBar;
class QPushButton;

// The lines of a text file; throws std::runtime_error if it cannot be read.
qint64 countLines(const QString &path);

// A window that counts the lines of the files below a folder. How, its heirs say.
class Window : public QWidget {
public:
    Window();

    virtual void start(const QStringList &files) = 0;
    virtual void stop() = 0;

    void showProgress(double value);
    void showResult(qint64 lines);
    void showError(const QString &message);
    void showCancelled();
    QString answer() const;

private:
    void chooseFolder();
    void end(const QString &text);

    QLabel *m_answer;
    QProgressBar *m_bar;
    QPushButton *m_choose;
    QPushButton *m_cancel;
};

std::unique_ptr<Window> makeWindow();

#endif
