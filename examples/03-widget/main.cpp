// The SHA-256 of a file, computed in the background, with progress and cancel.
#include <legwork/legwork.h>

#include <QtCore/QCryptographicHash>
#include <QtWidgets/QtWidgets>

// Runs on a worker.
static QString sha256(const QString &path, legwork::TaskContext &context)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        throw std::runtime_error(file.errorString().toStdString()); // comes out of onError
    QCryptographicHash hash(QCryptographicHash::Sha256);
    while (!file.atEnd()) {
        context.checkpoint(); // ends here if the task is cancelled
        hash.addData(file.read(1 << 20));
        context.setProgress(double(file.pos()) / double(file.size()));
    }
    return QString::fromLatin1(hash.result().toHex());
}

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    QWidget window;
    QLabel answer;
    answer.setTextFormat(Qt::PlainText); // a file's name is not to be rendered, nor an error's text
    QProgressBar bar;
    QPushButton choose("Choose a file…"), cancel("Cancel");
    QGridLayout layout(&window);
    layout.addWidget(&answer, 0, 0, 1, 3);
    layout.addWidget(&bar, 1, 0);
    layout.addWidget(&choose, 1, 1);
    layout.addWidget(&cancel, 1, 2);
    const auto say = [&](const QString &text, bool busy = false) {
        answer.setText(text);
        choose.setDisabled(busy);
        cancel.setEnabled(busy);
    };
    legwork::Task<QString> task;
    const auto start = [&](const QString &path) {
        if (path.isEmpty())
            return say("Which file?");
        say("Reading " + path, true);
        task = legwork::run([path](legwork::TaskContext &context) { return sha256(path, context); });
        task.onProgress(&bar, [&](double value, const QString &) { bar.setValue(qRound(value * 100)); })
            .onComplete(&window, [&](const QString &hash) { say(hash); })
            .onError(&window, [&](const legwork::TaskError &error) { say(error.message); })
            .onCancelled(&window, [&] { say("Cancelled"); });
    };
    QObject::connect(&cancel, &QPushButton::clicked, [&] { task.cancel(); });
    QObject::connect(&choose, &QPushButton::clicked, [&] { start(QFileDialog::getOpenFileName(&window)); });
    start(application.arguments().value(1));
    window.resize(640, 90);
    window.show();
    return application.exec();
}
