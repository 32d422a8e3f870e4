// Requests as tasks.
#include "support.h"

#include <legwork/network.h>

#include <QtCore/QDateTime>
#include <QtCore/QDeadlineTimer>
#include <QtCore/QPointer>
#include <QtCore/QProcess>
#include <QtCore/QTimer>
#include <QtNetwork/QNetworkAccessManager>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>

#include <map>
#include <stdexcept>
#include <vector>

using namespace std::chrono_literals;
using namespace support;
using legwork::CancelReason;
using legwork::CancelResult;
using legwork::Status;

namespace {

// A server on this machine that answers as the test says, and when it says so.
class Server : public QTcpServer {
    Q_OBJECT

public:
    // What was asked for, from the first byte on until the connection is closed.
    struct Request {
        QByteArray path;
        QByteArray body;
        QPointer<QTcpSocket> socket;
    };

    Server()
    {
        if (!listen(QHostAddress::LocalHost))
            qFatal("no server: %s", qPrintable(errorString()));
        connect(this, &QTcpServer::newConnection, this, [this] {
            while (auto *socket = nextPendingConnection()) {
                connect(socket, &QTcpSocket::readyRead, this, [this, socket] { read(socket); });
                connect(socket, &QTcpSocket::disconnected, this, [this, socket] { ++closed, socket->deleteLater(); });
            }
        });
    }

    QUrl url(const QString &path) const
    {
        return QUrl(QStringLiteral("http://127.0.0.1:%1/%2").arg(serverPort()).arg(path));
    }

    QByteArrayList paths() const
    {
        QByteArrayList found;
        for (const auto &request : requests)
            found += request.path;
        return found;
    }

    // To the request of this number, from 0.
    void say(int number, const QByteArray &text) { requests.at(number).socket->write(text); }
    void close(int number) { requests.at(number).socket->disconnectFromHost(); }
    void answer(int number, const QByteArray &body, const QByteArray &status = "200 OK", const QByteArray &more = {})
    {
        say(number, head(status, body.size(), more) + body);
        close(number);
    }
    static QByteArray head(const QByteArray &status, qsizetype length, const QByteArray &more = {})
    {
        return "HTTP/1.1 " + status + "\r\nContent-Length: " + QByteArray::number(length) + "\r\nConnection: close\r\n"
            + more + "\r\n";
    }

    // Answers at once whatever is asked for, with this.
    QByteArray always;
    std::vector<Request> requests;
    int closed = 0;

private:
    void read(QTcpSocket *socket)
    {
        auto &text = m_texts[socket];
        text += socket->readAll();
        const auto end = text.indexOf("\r\n\r\n");
        if (end < 0)
            return;
        const auto length = text.toLower().indexOf("content-length: ");
        const auto body = text.mid(end + 4);
        if (length >= 0 && body.size() < text.mid(length + 16, text.indexOf('\r', length) - length - 16).toLongLong())
            return;
        requests.push_back({text.split(' ').value(1).mid(1), body, socket});
        m_texts.erase(socket);
        if (!always.isNull())
            answer(int(requests.size()) - 1, always);
    }

    std::map<QTcpSocket *, QByteArray> m_texts;
};

// A reply of the application's own, which says nothing by itself.
class Silent : public QNetworkReply {
    Q_OBJECT

public:
    explicit Silent(Ledger &ledger) : m_entry(ledger) { }
    void abort() override { ++aborts; }
    void finish()
    {
        setFinished(true);
        emit finished();
    }
    qint64 readData(char *, qint64) override { return -1; }

    static inline int aborts = 0;

private:
    Entry m_entry;
};

template<typename T> QVariantMap amount(const legwork::Task<T> &task)
{
    return legwork::TaskManager::instance()->taskInfo(task.id()).toMap()["amount"].toMap();
}

// The application's part, in a process of its own.
int quitInTheMiddle(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    Server server;
    QNetworkAccessManager manager;
    int finished = 0;
    auto *given = manager.get(QNetworkRequest(server.url("given")));
    QObject::connect(given, &QNetworkReply::finished, &application, [&] { ++finished; });
    const auto first = legwork::reply(given);
    const auto second = legwork::reply([&] { return manager.get(QNetworkRequest(server.url("second"))); });
    const auto waits = legwork::reply([&]() -> QNetworkReply * { std::_Exit(4); }, {.delay = std::chrono::hours(1)});
    QTimer poll;
    QObject::connect(&poll, &QTimer::timeout, &application, [&] {
        if (server.requests.size() == 2)
            QCoreApplication::quit();
    });
    poll.start(5ms);
    QDeadlineTimer soon(20s);
    QCoreApplication::exec();
    // None of them is waited for until the deadline of the shutdown, which is 30 s.
    if (soon.hasExpired())
        return 2;
    for (const auto &task : {first, second, waits}) {
        if (task.status() != Status::Cancelled)
            return 3;
    }
    return finished == 1 ? 0 : 5;
}

} // namespace

class TestNetwork : public support::TestCase {
    Q_OBJECT

    std::unique_ptr<Server> server;
    std::unique_ptr<QNetworkAccessManager> manager;

    QNetworkReply *get(const QString &path) const { return manager->get(QNetworkRequest(server->url(path))); }
    // What makes a request for it.
    std::function<QNetworkReply *()> getting(const QString &path) const
    {
        return [this, path] { return get(path); };
    }
    int asked() const { return int(server->requests.size()); }

private slots:
    void init()
    {
        takeWarnings();
        server = std::make_unique<Server>();
        manager = std::make_unique<QNetworkAccessManager>();
    }
    void cleanup()
    {
        TestCase::cleanup();
        manager.reset();
        server.reset();
        QCOMPARE(takeWarnings(), QStringList());
    }

    void b268_the_body_is_the_result()
    {
        const QPointer<QNetworkReply> reply = get("folder/data.bin?token=secret");
        QByteArray heard;
        const auto task =
            legwork::reply(reply).onComplete(listener.get(), [&](const QByteArray &body) { heard = body; });
        QCOMPARE(task.status(), Status::Running);
        auto *all = legwork::TaskManager::instance();
        QCOMPARE(all->taskInfo(task.id()).toMap()["name"].toString(), "data.bin");
        QTRY_COMPARE(asked(), 1);
        QByteArray bytes(3'000'000, 'x');
        server->answer(0, bytes);
        QTRY_COMPARE_WITH_TIMEOUT(task.status(), Status::Completed, 20'000);
        QTRY_COMPARE(heard, bytes);
        QCOMPARE(*task.result(), bytes);
        QTRY_VERIFY(!reply);
    }

    void b268_a_body_of_several_pieces_also_with_a_small_buffer()
    {
        auto *reply = get("data");
        reply->setReadBufferSize(1'000);
        const auto task = legwork::reply(reply, {.name = "Data"});
        QTRY_COMPARE(asked(), 1);
        server->say(0, Server::head("200 OK", 200'000) + QByteArray(100'000, 'a'));
        server->say(0, QByteArray(100'000, 'b'));
        QTRY_COMPARE_WITH_TIMEOUT(task.status(), Status::Completed, 20'000);
        QCOMPARE(*task.result(), QByteArray(100'000, 'a') + QByteArray(100'000, 'b'));
    }

    void b268_the_name_is_the_file_or_the_host_and_has_no_secrets()
    {
        const auto name = [](const QString &url) {
            Ledger ledger;
            class Named : public Silent {
            public:
                Named(Ledger &ledger, const QString &url) : Silent(ledger) { setUrl(QUrl(url)); }
            };
            const auto task = legwork::reply(new Named(ledger, url));
            const auto name = legwork::TaskManager::instance()->taskInfo(task.id()).toMap()["name"].toString();
            task.cancel();
            QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
            return name;
        };
        QCOMPARE(name("https://user:word@example.org/a/b%20c.txt?token=secret#part"), "b c.txt");
        QCOMPARE(name("https://user:word@example.org/a/?token=secret"), "example.org");
        QCOMPARE(name("https://user:word@example.org?token=secret"), "example.org");
        QCOMPARE(name("data:,secret"), "data");
        QCOMPARE(name("qrc:/a/b.txt"), "b.txt");
        QCOMPARE(name(""), "");
    }

    void b269_progress_is_what_has_come_of_what_comes()
    {
        double progress = -1;
        const auto task = legwork::reply(getting("data"), {.name = "Data"});
        task.onProgress(listener.get(), [&](double value) { progress = value; });
        QTRY_COMPARE(asked(), 1);
        server->say(0, Server::head("200 OK", 1'000) + QByteArray(250, 'x'));
        QTRY_COMPARE(progress, 0.25);
        server->say(0, QByteArray(750, 'x'));
        QTRY_COMPARE(task.status(), Status::Completed);
    }

    void b269_of_a_length_that_nobody_knows_it_says_how_much_has_come()
    {
        std::vector<double> values;
        const auto task = legwork::reply(getting("data"));
        task.onProgress(listener.get(), [&](double value) { values.push_back(value); });
        QTRY_COMPARE(asked(), 1);
        server->say(0, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + QByteArray(2'048, 'x'));
        QTRY_COMPARE(amount(task)["done"], 2'048.0);
        QCOMPARE(amount(task)["total"], -1.0);
        QCOMPARE(amount(task)["unit"], "bytes");
        for (const auto value : values)
            QCOMPARE(value, -1.0);
        server->close(0);
        QTRY_COMPARE(task.status(), Status::Completed);
        QCOMPARE(task.result()->size(), 2'048);
    }

    // The length that the server says is that of what it has packed, and not of what comes out.
    void b269_what_is_unpacked_has_no_known_length()
    {
        QByteArray plain;
        for (int number = 0; number < 50'000; ++number)
            plain += QByteArray::number(number);
        const auto packed = qCompress(plain).mid(4);
        const auto task = legwork::reply(getting("data"));
        QTRY_COMPARE(asked(), 1);
        server->say(0, Server::head("200 OK", packed.size(), "Content-Encoding: deflate\r\n"));
        server->say(0, packed.left(packed.size() / 2));
        // How much of it Qt unpacks before the end differs by its version.
        server->say(0, packed.mid(packed.size() / 2));
        QTRY_VERIFY(task.status() == Status::Completed || task.error());
        const auto error = task.error();
        QVERIFY2(!error, qPrintable(error.message + QStringLiteral(", ") + error.origin));
        QCOMPARE(*task.result(), plain);
        QCOMPARE(amount(task)["done"], double(plain.size()));
        // Known at the end, if at all.
        const double total = amount(task)["total"].toDouble();
        QVERIFY2(total == -1 || total == double(plain.size()), qPrintable(QString::number(total)));
    }

    void b269_of_a_reply_that_others_read_it_is_what_that_says()
    {
        Ledger ledger;
        auto *reply = new Silent(ledger);
        double progress = -1;
        const auto task = legwork::reply(reply);
        task.onProgress(listener.get(), [&](double value) { progress = value; });
        emit reply->downloadProgress(250, 1'000);
        QTRY_COMPARE(progress, 0.25);
        reply->finish();
        QCOMPARE(task.status(), Status::Completed);
        QTRY_COMPARE(ledger.alive.load(), 0);
    }

    void b269_what_is_sent_counts_too()
    {
        std::vector<double> values;
        const auto task = legwork::reply(
            [this] {
                QNetworkRequest request(server->url("form"));
                request.setHeader(QNetworkRequest::ContentTypeHeader, "text/plain");
                return manager->post(request, QByteArray(750, 'x'));
            },
            {.name = "Send"});
        task.onProgress(listener.get(), [&](double value) { values.push_back(value); });
        QTRY_COMPARE(asked(), 1);
        QCOMPARE(server->requests[0].body.size(), 750);
        QTRY_VERIFY(!values.empty() && values.back() == 1.0);
        server->say(0, Server::head("200 OK", 250) + QByteArray(125, 'y'));
        QTRY_COMPARE(values.back(), 0.875);
        server->say(0, QByteArray(125, 'y'));
        QTRY_COMPARE(task.status(), Status::Completed);
        QCOMPARE(*task.result(), QByteArray(250, 'y'));
    }

    void b270_a_cancel_aborts_it()
    {
        const QPointer<QNetworkReply> reply = get("data");
        int finished = 0;
        connect(reply, &QNetworkReply::finished, listener.get(), [&] { ++finished; });
        const auto task = legwork::reply(reply);
        CancelReason heard = CancelReason::None;
        task.onCancelled(listener.get(), [&](CancelReason reason) { heard = reason; });
        QTRY_COMPARE(asked(), 1);
        server->say(0, Server::head("200 OK", 1'000) + "a part");
        QCOMPARE(task.cancel(), CancelResult::CancelRequested);
        // At once, as this is its thread.
        QCOMPARE(finished, 1);
        QCOMPARE(task.status(), Status::Cancelled);
        QTRY_COMPARE(heard, CancelReason::User);
        QTRY_COMPARE(server->closed, 1);
        QTRY_VERIFY(!reply);
        // And from another thread.
        const auto other = legwork::reply(get("other"));
        Elsewhere elsewhere;
        elsewhere.run([&] { QCOMPARE(other.cancel(), CancelResult::CancelRequested); });
        QTRY_COMPARE(other.status(), Status::Cancelled);
    }

    void b270_its_time_is_over_or_its_owner_goes()
    {
        const auto late = legwork::reply(get("late"), {.timeout = 30ms});
        QTRY_COMPARE(late.status(), Status::TimedOut);
        QCOMPARE(late.error().kind, legwork::ErrorKind::TimedOut);
        auto owner = std::make_unique<QObject>();
        const auto task = legwork::reply(getting("owned"), {.owner = owner.get()});
        QTRY_VERIFY(server->paths().contains("owned"));
        owner.reset();
        QCOMPARE(task.status(), Status::Cancelled);
        QTRY_COMPARE(server->closed, 2);
    }

    void b270_a_reply_that_says_nothing_as_it_is_aborted()
    {
        Ledger ledger;
        Silent::aborts = 0;
        const auto task = legwork::reply(new Silent(ledger));
        task.cancel();
        QCOMPARE(task.status(), Status::Cancelled);
        QVERIFY(Silent::aborts > 0);
        QTRY_COMPARE(ledger.alive.load(), 0);
    }

    void b270_quit_in_the_middle()
    {
        QProcess process;
        process.setProcessChannelMode(QProcess::ForwardedChannels);
        process.start(QCoreApplication::applicationFilePath(), {"--part", "quitInTheMiddle"});
        QVERIFY(process.waitForFinished(60'000));
        QCOMPARE(process.exitStatus(), QProcess::NormalExit);
        QCOMPARE(process.exitCode(), 0);
    }

    void b271_a_status_of_http_is_a_failure_with_its_text()
    {
        legwork::TaskError heard;
        auto url = server->url("folder/gone.bin?token=secret");
        url.setUserName("user");
        url.setPassword("word");
        const auto gone = legwork::reply(manager->get(QNetworkRequest(url)));
        gone.onError(listener.get(), [&](const legwork::TaskError &error) { heard = error; });
        QTRY_COMPARE(asked(), 1);
        server->answer(0, "<h1>no</h1>", "404 Not Found");
        QTRY_COMPARE(gone.status(), Status::Failed);
        QCOMPARE(gone.error().message, "\"gone.bin\": the server answered 404 Not Found");
        QTRY_COMPARE(heard.message, gone.error().message);
        QCOMPARE(heard.kind, legwork::ErrorKind::Failed);
        QCOMPARE(heard.origin, "HTTP 404");
        QCOMPARE(legwork::httpStatus(heard), 404);

        const auto busy = [this](const QByteArray &more) {
            const auto task = legwork::reply(get("busy"));
            const auto number = asked();
            if (!QTest::qWaitFor([&] { return asked() == number + 1; }))
                return QString("nothing was asked for");
            server->answer(number, {}, "503 Service Unavailable", more);
            if (!QTest::qWaitFor([&] { return task.status() == Status::Failed; }))
                return QString("it has not failed");
            return task.error().message;
        };
        const QString text = "\"busy\": the server answered 503 Service Unavailable";
        QCOMPARE(busy({}), text);
        QCOMPARE(busy("Retry-After: 120\r\n"), text + ", and asks to wait for 120 s");
        QCOMPARE(busy("Retry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n"), text + ", and asks to wait for 0 s");
        const auto hour = QDateTime::currentDateTimeUtc().addSecs(3'600);
        const auto date = QLocale::c().toString(hour, "ddd, dd MMM yyyy hh:mm:ss").toLatin1();
        const auto dated = busy("Retry-After: " + date + " GMT\r\n");
        QVERIFY2(dated.contains("wait for 3600 s") || dated.contains("wait for 359"), qPrintable(dated));
        QCOMPARE(busy("Retry-After: soon\r\n"), text);
        QCOMPARE(busy("Retry-After: -5\r\n"), text);
    }

    void b271_a_fault_of_the_network_is_a_failure_with_its_name()
    {
        const auto url = server->url("data");
        server->QTcpServer::close();
        const auto refused = legwork::reply(manager->get(QNetworkRequest(url)));
        QTRY_COMPARE_WITH_TIMEOUT(refused.status(), Status::Failed, 20'000);
        QCOMPARE(refused.error().message, "\"data\": Connection refused");
        QCOMPARE(refused.error().origin, "ConnectionRefusedError");
        QCOMPARE(legwork::httpStatus(refused.error()), 0);
        const auto unknown = legwork::reply(manager->get(QNetworkRequest(QUrl("nothing://example.org/a"))));
        QTRY_COMPARE(unknown.status(), Status::Failed);
        QCOMPARE(unknown.error().origin, "ProtocolUnknownError");
    }

    void b271_a_connection_that_breaks_off()
    {
        const auto task = legwork::reply(get("data"));
        QTRY_COMPARE(asked(), 1);
        server->say(0, Server::head("200 OK", 1'000) + "a part");
        server->close(0);
        QTRY_COMPARE(task.status(), Status::Failed);
        QCOMPARE(task.error().origin, "RemoteHostClosedError");
        QVERIFY(!task.result());
    }

    void b271_others_abort_it_or_delete_it()
    {
        auto *aborted = get("aborted");
        const auto task = legwork::reply(aborted);
        aborted->abort();
        QCOMPARE(task.status(), Status::Failed);
        QCOMPARE(task.error().origin, "OperationCanceledError");
        auto *deleted = get("deleted");
        const auto lost = legwork::reply(deleted);
        delete deleted;
        QCOMPARE(lost.status(), Status::Failed);
        QCOMPARE(lost.error().message, "\"deleted\": its reply was deleted before its end");
        const auto left = legwork::reply(get("left"));
        manager.reset();
        QCOMPARE(left.status(), Status::Failed);
        QCOMPARE(left.error().message, "\"left\": its reply was deleted before its end");
    }

    void b271_a_body_that_is_too_large()
    {
        const auto fits = legwork::reply(get("fits"), {.maxBytes = 1'000});
        QTRY_COMPARE(asked(), 1);
        server->answer(0, QByteArray(1'000, 'x'));
        QTRY_COMPARE(fits.status(), Status::Completed);
        const auto large = legwork::reply(get("large"), {.maxBytes = 1'000});
        QTRY_COMPARE(asked(), 2);
        // It would never end.
        server->say(1, "HTTP/1.1 200 OK\r\n\r\n" + QByteArray(1'001, 'x'));
        QTRY_COMPARE(large.status(), Status::Failed);
        QCOMPARE(large.error().message, "\"large\": its body has more than 1000 bytes");
        QTRY_COMPARE(server->closed, 2);
    }

    void b272_a_reply_that_has_finished_by_now()
    {
        auto *reply = get("data");
        QTRY_COMPARE(asked(), 1);
        server->answer(0, "all of it");
        QTRY_VERIFY(reply->isFinished());
        const auto task = legwork::reply(reply);
        QCOMPARE(task.status(), Status::Completed);
        QCOMPARE(*task.result(), "all of it");
        auto *failed = get("gone");
        QTRY_COMPARE(asked(), 2);
        server->answer(1, {}, "410 Gone");
        QTRY_VERIFY(failed->isFinished());
        QCOMPARE(legwork::httpStatus(legwork::reply(failed).error()), 410);
    }

    void b272_a_reply_that_has_finished_is_not_aborted()
    {
        Ledger ledger;
        Silent::aborts = 0;
        auto *reply = new Silent(ledger);
        const auto task = legwork::reply(reply);
        reply->finish();
        QCOMPARE(task.status(), Status::Completed);
        QCOMPARE(*task.result(), "");
        QTRY_COMPARE(ledger.alive.load(), 0);
        QCOMPARE(Silent::aborts, 0);
    }

    void b272_what_others_have_read_is_not_in_it()
    {
        QByteArray read, type;
        const auto task = legwork::reply([&] {
            auto *reply = get("data");
            connect(reply, &QNetworkReply::readyRead, listener.get(), [&, reply] { read += reply->readAll(); });
            connect(reply, &QNetworkReply::finished, listener.get(),
                    [&, reply] { type = reply->rawHeader("Content-Type"); });
            return reply;
        });
        QTRY_COMPARE(asked(), 1);
        server->answer(0, "all of it", "200 OK", "Content-Type: text/plain\r\n");
        QTRY_COMPARE(task.status(), Status::Completed);
        QCOMPARE(read, "all of it");
        QCOMPARE(type, "text/plain");
        QCOMPARE(*task.result(), "");
    }

    void b273_what_is_refused_says_why_and_leaves_nothing()
    {
        QCOMPARE(legwork::reply(nullptr).error().message, "the reply is null");
        QCOMPARE(legwork::reply(std::function<QNetworkReply *()>()).error().message,
                 "the function is null; pass one that makes a request");
        Ledger ledger;
        const auto weight = legwork::reply(new Silent(ledger), {.weight = -1});
        QVERIFY(!weight.isValid() && weight.error().message.startsWith("weight is -1"));
        const auto bytes = legwork::reply(new Silent(ledger), {.maxBytes = -1});
        QCOMPARE(bytes.error().message, "maxBytes is -1; expected 0, for no limit, or more");
        Elsewhere elsewhere;
        const QPointer<Silent> far = new Silent(ledger);
        elsewhere.run([&] {
            QCOMPARE(legwork::reply(far).error().message, "the reply belongs to another thread; call this on its own");
        });
        QTRY_COMPARE(ledger.alive.load(), 0);
        QCOMPARE(ledger.thread.load(), thread());
        const auto none =
            legwork::run([] { return legwork::reply([]() -> QNetworkReply * { return nullptr; }).error().message; });
        QCOMPARE(none.wait(20s), legwork::WaitResult::Done);
        QVERIFY(none.result()->startsWith("a reply needs a thread with an event loop"));
    }

    void b273_keep_leaves_the_reply_that_was_not_needed()
    {
        const auto first = legwork::reply(get("first"), {.key = "keep"});
        const QPointer<QNetworkReply> needless = get("second");
        const auto kept = legwork::reply(needless, {.key = "keep", .keyPolicy = legwork::KeyPolicy::Keep});
        QCOMPARE(kept.id(), first.id());
        QTRY_VERIFY(!needless);
        Ledger ledger;
        Silent::aborts = 0;
        legwork::reply(new Silent(ledger), {.key = "keep", .keyPolicy = legwork::KeyPolicy::Keep});
        QCOMPARE(Silent::aborts, 1);
        QTRY_COMPARE(ledger.alive.load(), 0);
        const auto again = legwork::reply(
            [entry = std::make_shared<Entry>(ledger)]() -> QNetworkReply * { qFatal("it was not made"); },
            {.key = "keep", .keyPolicy = legwork::KeyPolicy::Keep});
        QCOMPARE(again.id(), first.id());
        QCOMPARE(ledger.alive.load(), 0);
        QCOMPARE(first.status(), Status::Running);
        QTRY_VERIFY(server->paths().contains("first"));
        server->answer(int(server->paths().indexOf("first")), "once");
        QTRY_COMPARE(kept.status(), Status::Completed);
        QCOMPARE(*kept.result(), "once");
    }

    void b274_a_request_is_made_when_its_turn_has_come()
    {
        std::vector<legwork::Task<QByteArray>> all;
        for (int number = 0; number < 7; ++number)
            all.push_back(legwork::reply(getting(QString::number(number)), {.key = "host", .keyLimit = 3}));
        QTRY_COMPARE(asked(), 3);
        QCOMPARE(all[3].status(), Status::Blocked);
        QCOMPARE(all[4].cancel(), CancelResult::CancelledBeforeStart);
        // A failure of one makes room as well.
        server->answer(0, {}, "500 Internal Server Error");
        QTRY_COMPARE(asked(), 4);
        server->answer(1, "1");
        QTRY_COMPARE(asked(), 5);
        all[2].cancel();
        QTRY_COMPARE(asked(), 6);
        for (int number = 3; number < 6; ++number)
            server->answer(number, server->requests[number].path);
        for (const int number : {3, 5, 6}) {
            QTRY_COMPARE(all[number].status(), Status::Completed);
            QCOMPARE(*all[number].result(), QByteArray::number(number));
        }
        QCOMPARE(asked(), 6);
        QVERIFY(!server->paths().contains("4"));
    }

    void b274_a_newer_one_of_its_key_aborts_it()
    {
        const auto typed = [this](const QString &text) {
            return legwork::reply(getting(text), {.key = "search", .keyPolicy = legwork::KeyPolicy::Replace});
        };
        const auto first = typed("l");
        QTRY_COMPARE(asked(), 1);
        const auto second = typed("li"), third = typed("lin");
        QTRY_COMPARE(asked(), 2);
        QCOMPARE(first.status(), Status::Cancelled);
        QCOMPARE(second.status(), Status::Cancelled);
        QTRY_COMPARE(server->closed, 1);
        server->answer(1, "found");
        QTRY_COMPARE(third.status(), Status::Completed);
        QCOMPARE(server->paths(), QByteArrayList({"l", "lin"}));
    }

    void b274_it_comes_after_others_and_others_after_it()
    {
        const auto first = legwork::reply(getting("first"), {.name = "First"});
        const auto second = legwork::reply(getting("second"), {.after = {first}});
        const auto third = legwork::run([] { return 3; }, {.after = {second}});
        QTRY_COMPARE(server->paths(), QByteArrayList{"first"});
        QCOMPARE(second.status(), Status::Blocked);
        server->answer(0, {});
        QTRY_COMPARE(server->paths().value(1), "second");
        QCOMPARE(third.status(), Status::Blocked);
        server->answer(1, {});
        QTRY_COMPARE(third.status(), Status::Completed);
        const auto fails = legwork::reply(getting("fails"));
        const auto never = legwork::reply(getting("never"), {.after = {fails}});
        QTRY_COMPARE(asked(), 3);
        server->answer(2, {}, "404 Not Found");
        QTRY_COMPARE(never.status(), Status::Cancelled);
        QCOMPARE(asked(), 3);
    }

    void b274_a_reply_that_is_there_is_under_way_whatever_its_task_waits_for()
    {
        const auto first = legwork::reply(get("first"), {.key = "host"});
        const auto second = legwork::reply(get("second"), {.key = "host"});
        const auto third = legwork::reply(get("third"), {.key = "host"});
        QTRY_COMPARE(asked(), 3);
        QCOMPARE(second.status(), Status::Blocked);
        server->answer(int(server->paths().indexOf("second")), "2");
        QTRY_COMPARE(second.status(), Status::Completed);
        QCOMPARE(*second.result(), "2");
        QCOMPARE(third.cancel(), CancelResult::CancelledBeforeStart);
        QTRY_COMPARE(server->closed, 2);
        QCOMPARE(first.status(), Status::Running);
    }

    void b274_what_the_function_has_goes_once_it_was_called()
    {
        Ledger ledger;
        const auto task = legwork::reply([this, entry = std::make_shared<Entry>(ledger)] { return get("data"); });
        QCOMPARE(ledger.alive.load(), 1);
        QTRY_COMPARE(asked(), 1);
        QCOMPARE(ledger.alive.load(), 0);
        QCOMPARE(task.status(), Status::Running);
    }

    void b274_a_function_that_makes_none()
    {
        const auto none = legwork::reply([]() -> QNetworkReply * { return nullptr; });
        QTRY_COMPARE(none.status(), Status::Failed);
        QCOMPARE(none.error().message, "the function that makes the request returned no reply");
        const auto throws = legwork::reply([]() -> QNetworkReply * { throw std::runtime_error("no route"); });
        QTRY_COMPARE(throws.status(), Status::Failed);
        QCOMPARE(throws.error().message, "no route");
        const auto mute = legwork::reply([]() -> QNetworkReply * { throw std::runtime_error(""); });
        QTRY_COMPARE(mute.status(), Status::Failed);
        const auto number = legwork::reply([]() -> QNetworkReply * { throw 7; });
        QTRY_COMPARE(number.status(), Status::Failed);
        QCOMPARE(number.error().message, "the function that makes the request threw");
        Ledger ledger;
        Elsewhere elsewhere;
        const auto far = legwork::reply([&] {
            auto *reply = new Silent(ledger);
            reply->moveToThread(elsewhere.thread());
            return reply;
        });
        QTRY_COMPARE(far.status(), Status::Failed);
        QCOMPARE(far.error().message, "the function that makes the request returned a reply of another thread");
        QTRY_COMPARE(ledger.alive.load(), 0);
    }

    void b274_it_is_cancelled_while_it_makes_its_request()
    {
        Ledger ledger;
        Silent::aborts = 0;
        legwork::Task<QByteArray> task;
        task = legwork::reply([&] {
            task.cancel();
            return new Silent(ledger);
        });
        QTRY_COMPARE(task.status(), Status::Cancelled);
        QTRY_COMPARE(ledger.destroyed.load(), 1);
        QCOMPARE(Silent::aborts, 1);
        // In an event loop, in which all of it goes.
        task = legwork::reply([&] {
            QEventLoop loop;
            QTimer::singleShot(0, &loop, [&] {
                task.cancel();
                QTimer::singleShot(0, &loop, &QEventLoop::quit);
            });
            loop.exec();
            return new Silent(ledger);
        });
        QTRY_COMPARE(task.status(), Status::Cancelled);
        QTRY_COMPARE(ledger.destroyed.load(), 2);
    }

    void b275_on_another_thread()
    {
        Elsewhere elsewhere;
        server->always = "far";
        legwork::Task<QByteArray> task;
        QThread *made = nullptr;
        QNetworkAccessManager *far = nullptr;
        elsewhere.run([&] {
            far = new QNetworkAccessManager(elsewhere.object());
            task = legwork::reply([&, url = server->url("far")] {
                made = QThread::currentThread();
                return far->get(QNetworkRequest(url));
            });
        });
        QTRY_COMPARE(task.status(), Status::Completed);
        QCOMPARE(made, elsewhere.thread());
        QCOMPARE(*task.result(), "far");
        server->always.clear();
        legwork::Task<QByteArray> waits;
        elsewhere.run([&, url = server->url("silent")] {
            task = legwork::reply(far->get(QNetworkRequest(url)));
            waits = legwork::reply([]() -> QNetworkReply * { qFatal("its thread has finished"); },
                                   {.delay = std::chrono::hours(1)});
        });
        QTRY_COMPARE(asked(), 2);
        elsewhere.finish();
        QTRY_COMPARE(task.status(), Status::Failed);
        QCOMPARE(task.error().message, "the thread of the reply has finished");
        QTRY_COMPARE(waits.status(), Status::Failed);
    }

    void b275_many_in_a_row()
    {
        server->always = "body";
        int done = 0;
        for (int number = 0; number < 300; ++number) {
            const auto task = legwork::reply(getting("data"), {.name = "Data", .key = "host", .keyLimit = 6});
            task.onComplete(listener.get(), [&done](const QByteArray &body) { done += body == "body"; });
        }
        QTRY_COMPARE_WITH_TIMEOUT(done, 300, 30'000);
        QCOMPARE(asked(), 300);
    }
};

int main(int argc, char **argv)
{
    if (argc == 3 && QString(argv[1]) == "--part")
        return quitInTheMiddle(argc, argv);
    QCoreApplication application(argc, argv);
    TestNetwork test;
    return support::main(argc, argv, test);
}

#include "tst_network.moc"
