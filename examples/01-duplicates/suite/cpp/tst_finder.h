// The finder in C++: each test has a folder, a virtual clock and a Finder of its own.
#ifndef DUPLICATES_SUITE_TST_FINDER_H
#define DUPLICATES_SUITE_TST_FINDER_H

#include <legwork/testing.h>

#include <QtCore/QObject>
#include <QtCore/QStringList>

#include <functional>
#include <memory>

class Finder;

namespace suite {

class Folder;

class TestFinder : public QObject {
    Q_OBJECT

public:
    TestFinder();
    ~TestFinder() override;

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void equal_files_are_found_wherever_they_are();
    void hard_links_are_one_file();
    void symbolic_links_are_not_followed();
    void empty_files_are_left_out();
    void a_file_that_is_gone_has_failed_and_the_others_are_found();
    void a_file_that_changed_is_looked_at_again_after_half_a_second();
    void a_file_that_changes_again_has_failed();
    void the_free_space_is_asked_for_every_two_seconds_for_half_an_hour();
    void the_time_left_is_told_after_two_seconds();
    void a_search_that_is_stopped_keeps_what_it_has();
    void another_search_takes_the_place_of_the_one_before();
    void a_folder_that_is_not_there_is_refused();

private:
    // Begins a search, and does all that can be done without time passing.
    void search();
    // The groups of equal files, the most wasteful first.
    QList<QStringList> groups() const;
    // The names of what has not ended.
    QStringList pending() const;

    std::unique_ptr<legwork::testing::VirtualClock> clock;
    std::unique_ptr<Folder> folder;
    std::unique_ptr<Finder> finder;
    // What happens between two tasks: called with the name of each that has completed.
    std::function<void(const QString &)> meanwhile;
};

} // namespace suite

#endif
