#include "legwork/network.h"

#include <QtCore/QAbstractEventDispatcher>
#include <QtCore/QDateTime>
#include <QtCore/QMetaEnum>
#include <QtCore/QPointer>
#include <QtCore/QThread>

#include <algorithm>
#include <exception>
#include <memory>
#include <utility>

namespace legwork {

namespace {

// How much an error has of what a server calls its status.
constexpr qsizetype mostOfPhrase = 200;

// What a user may know of a URL: neither its query nor a password.
QString nameOf(const QUrl &url)
{
    // Other paths are no names of files, as the data in "data:,hello".
    const auto file = url.path().startsWith(u'/') ? url.fileName() : QString();
    if (!file.isEmpty())
        return file;
    return url.host().isEmpty() ? url.scheme() : url.host();
}

QString nameOf(const QNetworkReply &reply)
{
    // The reply's own changes with a redirect, and a reply of the application's own may have no request.
    const auto asked = reply.request().url();
    return nameOf(asked.isEmpty() ? reply.url() : asked);
}

// How many seconds a server asks to wait; negative if it does not say.
qint64 retryAfter(const QNetworkReply &reply)
{
    const auto said = QString::fromLatin1(reply.rawHeader("Retry-After")).trimmed();
    bool isNumber = false;
    if (const auto seconds = said.toLongLong(&isNumber); isNumber)
        return seconds;
    // Qt knows this format by the offset alone.
    const auto until =
        QDateTime::fromString(QString(said).replace(QLatin1String("GMT"), QLatin1String("+0000")), Qt::RFC2822Date);
    return until.isValid() ? std::max(qint64(0), QDateTime::currentDateTimeUtc().secsTo(until)) : -1;
}

// How a reply that has finished has failed; kind None if it has not.
TaskError errorOf(const QNetworkReply &reply)
{
    TaskError error;
    const int status = reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    // Qt's own text has all of the URL.
    if (status >= 400) {
        const auto phrase = reply.attribute(QNetworkRequest::HttpReasonPhraseAttribute).toString();
        error.message =
            QStringLiteral("the server answered %1 %2").arg(status).arg(phrase.left(mostOfPhrase)).trimmed();
        if (const auto seconds = retryAfter(reply); seconds >= 0)
            error.message += QStringLiteral(", and asks to wait for %1 s").arg(seconds);
        error.origin = QStringLiteral("HTTP %1").arg(status);
    } else if (reply.error() != QNetworkReply::NoError) {
        error.message = reply.errorString();
        error.origin =
            QString::fromLatin1(QMetaEnum::fromType<QNetworkReply::NetworkError>().valueToKey(reply.error()));
    } else {
        return {};
    }
    error.message = QStringLiteral("\"%1\": %2").arg(nameOf(reply), error.message);
    error.kind = ErrorKind::Failed;
    return error;
}

// Lives on the thread that asked for it, until its task has ended.
class Request : public QObject {
public:
    // Without a function, for a reply that is there.
    Request(ReplyOptions &&options, std::function<QNetworkReply *()> make)
        : m_maxBytes(options.maxBytes), m_make(std::move(make))
    {
        // Where the thread ends, its event loop does, and nobody would hear of the reply.
        connect(
            QThread::currentThread(), &QThread::finished, this,
            [this] { fail(QStringLiteral("the thread of the reply has finished")); }, Qt::DirectConnection);
        std::function<void()> onStart;
        if (m_make)
            onStart = [this] { begin(); };
        m_external =
            std::make_unique<detail::ExternalTask>(this, detail::specOfExternal(std::move(options)), std::move(onStart),
                                                   [this] { fail(QStringLiteral("the reply was aborted")); });
    }

    ~Request() override { abort(letGo()); }

    const detail::Handle &task() const { return m_external->task(); }
    bool isMade() const { return m_external->isMade(); }

    void take(QNetworkReply *reply)
    {
        m_reply = reply;
        if (reply->isFinished()) {
            finished();
            return;
        }
        connect(reply, &QNetworkReply::finished, this, &Request::finished);
        connect(reply, &QNetworkReply::readyRead, this, &Request::read);
        connect(reply, &QNetworkReply::uploadProgress, this, [this](qint64 sent, qint64 total) {
            m_sent = {sent, total};
            report();
        });
        connect(reply, &QNetworkReply::downloadProgress, this, [this](qint64 received, qint64 total) {
            m_received = {received, total};
            report();
        });
        connect(reply, &QObject::destroyed, this, [this, name = nameOf(*reply)] {
            fail(QStringLiteral("\"%1\": its reply was deleted before its end").arg(name));
        });
    }

private:
    struct Part {
        qint64 done = 0;
        qint64 total = 0; // negative for "not known"
    };

    void begin()
    {
        // The function may run an event loop, in which the task ends, and this goes.
        const QPointer<Request> self(this);
        QNetworkReply *reply = nullptr;
        QString wrong;
        try {
            reply = std::exchange(m_make, {})();
            if (reply && reply->thread() != QThread::currentThread())
                wrong = QStringLiteral("the function that makes the request returned a reply of another thread");
        } catch (const std::exception &error) {
            wrong = QString::fromUtf8(error.what());
        } catch (...) {
            wrong = QStringLiteral("the function that makes the request threw");
        }
        if (!reply && wrong.isEmpty())
            wrong = QStringLiteral("the function that makes the request returned no reply");
        if (!wrong.isEmpty() || !self) {
            if (reply)
                reply->deleteLater();
            if (self)
                fail(wrong);
            return;
        }
        // Where the task has ended meanwhile, this goes soon, and takes the reply along.
        take(reply);
    }

    void read()
    {
        // One that was aborted is closed; to read it would be a warning of Qt's.
        if (!m_reply->isReadable())
            return;
        m_body += m_reply->readAll();
        if (m_maxBytes == 0 || m_body.size() <= m_maxBytes) {
            // downloadProgress() comes every 100 ms at most, and then not for the last of what has come.
            m_received.done = std::max(m_received.done, qint64(m_body.size()));
            if (const auto length = m_reply->header(QNetworkRequest::ContentLengthHeader); length.isValid())
                m_received.total = length.toLongLong();
            report();
            return;
        }
        m_body.clear();
        fail(QStringLiteral("\"%1\": its body has more than %2 bytes").arg(nameOf(*m_reply)).arg(m_maxBytes));
    }

    void report()
    {
        // A part of unknown length that has not begun, such as the answer while a file is sent, counts for nothing yet.
        const auto isKnown = [](const Part &part) { return part.total >= part.done || part.done == 0; };
        const auto length = [](const Part &part) { return std::max(part.total, qint64(0)); };
        const auto done = m_sent.done + m_received.done, total = length(m_sent) + length(m_received);
        const bool known = isKnown(m_sent) && isKnown(m_received);
        if (total > 0 || !known)
            m_external->report(double(done), known ? double(total) : 0, QStringLiteral("bytes"));
    }

    void finished()
    {
        read();
        if (m_over)
            return;
        if (const auto error = errorOf(*m_reply)) {
            end([&] { m_external->fail(error.message, error.origin); });
            return;
        }
        detail::ReturnValue result;
        result.set(std::exchange(m_body, {}));
        end([&] { m_external->complete(std::move(result)); });
    }

    void fail(const QString &message)
    {
        end([&] { m_external->fail(message, {}); });
    }

    // The first end counts. It aborts what is under way.
    template<typename Say> void end(Say say)
    {
        if (std::exchange(m_over, true))
            return;
        const auto reply = letGo();
        say();
        abort(reply);
    }

    // To abort one that has finished would close it, before others have read it.
    static void abort(const QPointer<QNetworkReply> &reply)
    {
        if (reply && !reply->isFinished())
            reply->abort();
    }

    // Nothing of the reply is heard any more. It is deleted later, as its own slots may be at work.
    QPointer<QNetworkReply> letGo()
    {
        auto reply = std::exchange(m_reply, {});
        if (reply) {
            reply->disconnect(this);
            reply->deleteLater();
        }
        return reply;
    }

    const qint64 m_maxBytes;
    std::function<QNetworkReply *()> m_make; // null once it was called
    QPointer<QNetworkReply> m_reply;
    QByteArray m_body;
    Part m_sent;
    Part m_received;
    bool m_over = false; // the task was told its end
    std::unique_ptr<detail::ExternalTask> m_external;
};

// With the end of its task, by whichever thread that comes, the request's object goes.
class Farewell final : public detail::EndHook {
public:
    explicit Farewell(Request *request) : m_request(request) { }
    void ended(const detail::Notice &) override { m_request->deleteLater(); }

private:
    Request *m_request;
};

// What cannot be, whatever the form; empty if it can.
QString wrongOf(const ReplyOptions &options)
{
    if (!QAbstractEventDispatcher::instance())
        return QStringLiteral("a reply needs a thread with an event loop; call it on such a one");
    if (options.maxBytes < 0)
        return QStringLiteral("maxBytes is %1; expected 0, for no limit, or more").arg(options.maxBytes);
    return {};
}

Task<QByteArray> refuse(const QString &wrong) { return Task<QByteArray>(detail::refuse(wrong.toUtf8().constData())); }

// With a reply, or with a function that makes it.
Task<QByteArray> submit(QNetworkReply *reply, std::function<QNetworkReply *()> make, ReplyOptions &&options)
{
    auto request = std::make_unique<Request>(std::move(options), std::move(make));
    const auto task = request->task();
    if (reply)
        request->take(reply);
    if (request->isMade()) {
        auto *running = request.release();
        detail::onEnd(task, std::make_unique<Farewell>(running));
    }
    return Task<QByteArray>(task);
}

} // namespace

Task<QByteArray> reply(std::function<QNetworkReply *()> request, ReplyOptions options)
{
    if (!request)
        return refuse(QStringLiteral("the function is null; pass one that makes a request"));
    if (const auto wrong = wrongOf(options); !wrong.isEmpty())
        return refuse(wrong);
    return submit(nullptr, std::move(request), std::move(options));
}

Task<QByteArray> reply(QNetworkReply *reply, ReplyOptions options)
{
    if (!reply)
        return refuse(QStringLiteral("the reply is null"));
    auto wrong = wrongOf(options);
    if (wrong.isEmpty() && reply->thread() != QThread::currentThread())
        wrong = QStringLiteral("the reply belongs to another thread; call this on its own");
    if (!wrong.isEmpty()) {
        reply->deleteLater();
        return refuse(wrong);
    }
    if (options.name.isEmpty())
        options.name = nameOf(*reply);
    return submit(reply, {}, std::move(options));
}

} // namespace legwork
