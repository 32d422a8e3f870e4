// Notes that are saved half a minute after the last change, and sent to a server every quarter of an hour.
#ifndef NOTES_H
#define NOTES_H

#include <legwork/legwork.h>

#include <functional>

class Notes : public QObject {
    Q_OBJECT

public:
    // What is outside of the application. Called on workers.
    struct World {
        std::function<void(const QString &text)> write;
        std::function<void(legwork::TaskContext &)> send;
    };

    explicit Notes(World world, QObject *parent = nullptr) : QObject(parent), m_world(std::move(world))
    {
        legwork::runPeriodic(std::chrono::minutes(15), m_world.send,
                             {.name = "Send",
                              .timeout = std::chrono::minutes(2),
                              .owner = this,
                              .retry = {.times = 2, .delay = std::chrono::seconds(30), .jitter = 0},
                              .firstRun = legwork::FirstRun::AfterInterval})
            .onComplete(this, [this] { ++sent; })
            .onError(this, [this](const legwork::TaskError &error) { trouble += error.message; });
    }

    void type(const QString &text)
    {
        const auto write = m_world.write;
        legwork::runLater(std::chrono::seconds(30), [write, text] { write(text); },
                          {.name = "Save", .owner = this, .key = "notes", .keyPolicy = legwork::KeyPolicy::Replace})
            .onComplete(this, [this] { ++saved; });
    }

    // Goes by the tasks' clock, which a QTimer would not.
    //! [timer]
    legwork::Task<void> remind(std::chrono::minutes after, const QString &what)
    {
        auto reminder = legwork::runLater(after, [] {}, {.name = "Reminder", .owner = this});
        reminder.onComplete(this, [this, what] { reminders += what; });
        return reminder;
    }
    //! [timer]

    int saved = 0;
    int sent = 0;
    QStringList reminders;
    QStringList trouble;

private:
    World m_world;
};

#endif
