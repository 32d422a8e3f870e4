// The example 07-search, played.
#include "example.h"

namespace {

using namespace example;

class TestSearch : public QObject {
    Q_OBJECT

    // 12 letters, and how many lines have them as they come.
    const QString m_text = "took 7773 ms";
    QObject *m_field = nullptr;

    void type(const QString &text) const { QVERIFY(m_field->setProperty("text", text)); }

private slots:
    void initTestCase()
    {
        const auto fields = parts("QLineEdit", "QQuickTextField");
        QCOMPARE(fields.size(), 1);
        m_field = fields[0];
    }

    void typed_slowly_each_is_shown()
    {
        Tally tally;
        for (const auto &[text, found] :
             {std::pair("took 77", "2200 lines"), {"took 777", "200 lines"}, {"took 7", "22200 lines"}}) {
            type(text);
            QTRY_COMPARE(answer(), found);
        }
        if (hasLegwork) {
            QCOMPARE(tally.completed.size(), 3);
            QCOMPARE(tally.cancelled.size(), 0);
        }
    }

    void typed_quickly_the_last_is_shown()
    {
        Tally tally;
        const auto before = answer();
        {
            const Hold hold;
            for (int letters = 1; letters <= m_text.size(); ++letters)
                type(m_text.left(letters));
            QCOMPARE(answer(), before);
        }
        QTRY_COMPARE(answer(), "0 lines");
        if (!hasLegwork)
            return;
        QTRY_COMPARE(tally.completed.size() + tally.cancelled.size(), 12);
        qInfo("searches typed 12, begun %d, shown %d: the last", int(tally.begun.size()), int(tally.completed.size()));
        QCOMPARE(tally.begun.size(), 1);
        QCOMPARE(tally.completed.size(), 1);
        QCOMPARE(tally.cancelled.size(), 11);
    }

    // A search takes longer than the next letter, as a rule; what became of each is counted, and the last is shown.
    void what_runs_is_stopped()
    {
        Tally tally;
        for (int letters = 1; letters <= m_text.size(); ++letters)
            type(m_text.left(letters));
        type("took 777 ms");
        QTRY_COMPARE(answer(), "200 lines");
        if (!hasLegwork)
            return;
        QTRY_COMPARE(tally.completed.size() + tally.cancelled.size(), 13);
        qInfo("searches typed 13, begun %d, shown %d", int(tally.begun.size()), int(tally.completed.size()));
    }

    void closed_while_it_searches() { type("took"); }
};

void start() { play<TestSearch>(); }
Q_COREAPP_STARTUP_FUNCTION(start)

} // namespace

int main(int argc, char **argv) { return run(argc, argv); }

#include "tst_search.moc"
