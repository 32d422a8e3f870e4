// The same with QtConcurrent and QFuture::then, a QHash of what is under way, and QTimer for the progress.
#include "words.h"

#include <QtConcurrent/QtConcurrentRun>
#include <QtWidgets/QtWidgets>

// With its error, as QtConcurrent would lose the text of an exception.
struct Text {
    QString text;
    QString error;
};
struct Counts {
    QVariantMap counts;
    QString error;
};

static Text readStep(const QString &path)
{
    try {
        return {readText(path), {}};
    } catch (const std::exception &error) {
        return {{}, error.what()};
    }
}

class Words : public QLabel {
public:
    explicit Words(QProgressBar &bar) : m_bar(bar)
    {
        setTextFormat(Qt::PlainText);
        connect(&m_timer, &QTimer::timeout, this, &Words::showProgress);
    }
    ~Words() override
    {
        cancel();
        for (auto &text : m_texts)
            text.waitForFinished();
        for (auto &counts : m_counts)
            counts.waitForFinished();
    }

    void start(const QStringList &files)
    {
        cancel();
        const int run = ++m_run;
        m_texts.clear();
        m_counts.clear();
        m_steps = std::make_shared<std::atomic<int>>(0);
        for (const auto &file : files) {
            const auto steps = m_steps;
            auto text = QtConcurrent::run([file, steps] {
                auto text = readStep(file);
                ++*steps;
                return text;
            });
            m_texts[file] = text; // a future cannot be used after then()
            m_counts += text.then(QtFuture::Launch::Async, [steps](const Text &text) {
                Counts counts{text.error.isEmpty() ? countWords(text.text) : QVariantMap(), text.error};
                ++*steps;
                return counts;
            });
        }
        m_timer.start(16);
        auto counts = m_counts; // the same
        QtFuture::whenAll(counts.begin(), counts.end())
            .then(QtFuture::Launch::Async,
                  [](const QList<QFuture<Counts>> &all) {
                      QList<QVariantMap> texts;
                      for (const auto &counts : all) {
                          if (counts.isCanceled())
                              return QString("cancelled");
                          if (const auto error = counts.result().error; !error.isEmpty())
                              return error;
                          texts += counts.result().counts;
                      }
                      return reportOf(texts);
                  })
            .then(this, [this, run](const QString &text) {
                if (run != m_run)
                    return; // of an earlier start
                m_timer.stop();
                if (*m_steps == 2 * m_counts.size())
                    m_bar.setValue(100);
                setText(text);
            });
    }

    void cancel()
    {
        // What has begun goes on to its end; and Qt 6.4 crashes on a future whose chain has ended.
        for (auto &text : m_texts) {
            if (!text.isFinished())
                text.cancel();
        }
    }

private:
    void showProgress() { m_bar.setValue(int(100 * *m_steps / (2 * m_counts.size() + 1))); }

    QProgressBar &m_bar;
    QTimer m_timer;
    QHash<QString, QFuture<Text>> m_texts;
    QList<QFuture<Counts>> m_counts;
    std::shared_ptr<std::atomic<int>> m_steps;
    int m_run = 0;
};

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    const auto files = application.arguments().mid(1);
    QWidget window;
    QPushButton start("Count"), cancel("Cancel");
    QProgressBar bar;
    Words words(bar);
    QVBoxLayout layout(&window);
    for (auto *part : std::initializer_list<QWidget *>{&start, &cancel, &bar, &words})
        layout.addWidget(part);
    QObject::connect(&start, &QPushButton::clicked, &words, [&] { words.start(files); });
    QObject::connect(&cancel, &QPushButton::clicked, &words, &Words::cancel);
    window.show();
    return application.exec();
}
