//! Tests of the Qt half, on the main thread of a process with a `QCoreApplication`.
//!
//! A test that ends the service or the process is played in a process of its own: this binary with
//! `LEGWORK_CHILD` set. Every test fails if Qt, or the library through Qt, warned during it.

mod conformance;
mod drain;
mod elements;
mod ends;
mod faces;
mod jobs;
mod local;
mod models;
mod options;
mod readme;
mod runs;
mod scripts;
mod shutdown;
mod stats;
mod support;
mod trace;

use std::panic::{AssertUnwindSafe, catch_unwind};

use cxx_qt_lib::QCoreApplication;
use libtest_mimic::{Arguments, Failed, Trial};
use support::ffi;

/// A test that fails, too, if there was a warning.
fn trial(name: impl Into<String>, test: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name, move || {
        ffi::take_messages();
        let result = catch_unwind(AssertUnwindSafe(test));
        let warnings = ffi::take_messages().to_string();
        if let Err(panic) = result {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or(panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            return Err(Failed::from(text.unwrap_or_default()));
        }
        if warnings.is_empty() {
            Ok(())
        } else {
            Err(Failed::from(format!("there were warnings:\n{warnings}")))
        }
    })
}

fn conformance_trials(trials: &mut Vec<Trial>) {
    let mut run = 0;
    for face in conformance::FACES {
        for scenario in conformance::scenarios() {
            if !conformance::can_say(&scenario, face) {
                continue;
            }
            run += 1;
            let name = format!("conformance::{face}: {}", scenario.name);
            trials.push(match scenario.process {
                true => support::child_trial(name, format!("conformance/{face}/{}", scenario.name)),
                false => trial(name, move || conformance::play(&scenario, face, run)),
            });
        }
    }
}

macro_rules! trials {
    ($($module:ident :: $test:ident),* $(,)?) => {
        vec![$(trial(concat!(stringify!($module), "::", stringify!($test)), $module::$test)),*]
    };
}

fn child(name: &str) {
    jobs::register();
    let mut children =
        ends::CHILDREN.iter().chain(shutdown::CHILDREN).chain(faces::CHILDREN).chain(local::CHILDREN);
    if let Some((_, play)) = children.find(|(known, _)| *known == name) {
        play();
        return;
    }
    if let [how @ ("return" | "exit"), what, microseconds] = name.split('/').collect::<Vec<_>>().as_slice() {
        ends::end_with(how, what, microseconds.parse().expect("a number"));
        return;
    }
    let _application = QCoreApplication::new();
    ffi::catch_messages();
    match name.split('/').collect::<Vec<_>>().as_slice() {
        ["conformance", face, scenario] => {
            let scenarios = conformance::scenarios();
            let scenario = scenarios.iter().find(|known| known.name == *scenario).expect("a scenario");
            conformance::play(scenario, face, 0);
        }
        _ => panic!("no child is named {name}"),
    }
}

fn main() {
    if let Ok(name) = std::env::var(support::CHILD) {
        child(&name);
        return;
    }
    jobs::register();
    let _application = QCoreApplication::new();
    ffi::catch_messages();
    let mut arguments = Arguments::from_args();
    // On this thread, one after the other.
    arguments.test_threads = Some(1);
    let mut trials = trials![
        conformance::every_option_is_played,
        drain::callbacks_come_on_the_thread_of_the_application,
        drain::b114_a_nested_loop_delivers_the_rest,
        drain::b114_a_callbacks_destructor_that_opens_a_loop_gets_the_rest_in_order,
        drain::b114_a_results_destructor_that_opens_a_loop_keeps_the_order,
        drain::b116_process_events_in_a_slot_does_not_recurse,
        drain::b341_a_drain_that_comes_late_gives_back_more,
        drain::b114_b116_a_loop_after_process_events_gets_the_rest,
        drain::b115_a_slot_deletes_the_engine_that_calls_it,
        drain::b115_a_copy_of_a_result_deletes_the_engine_that_is_to_be_told,
        drain::b88_callbacks_enter_the_service_again,
        drain::a_late_callback_is_called_on_the_loop,
        drain::b91_a_panic_in_a_callback_stays_there,
        drain::a_slow_last_slot_is_followed_by_the_end,
        drain::b91_a_panic_in_a_callbacks_destructor_stays_there,
        drain::b92_a_result_that_nests_too_deep_fails,
        drain::b113_without_a_loop_tasks_run_and_results_wait,
        drain::one_event_for_many_results,
        drain::b73_a_flood_leaves_the_event_loop_alive,
        elements::b132_a_lone_task_hears_of_each_end,
        elements::b132_a_lone_task_hears_of_all_that_happens,
        elements::b132_without_a_task_that_runs_nothing_is_kept,
        elements::b257_a_result_of_cpp_stands_in_arguments,
        elements::b132_b137_a_lone_task_at_random,
        ends::b133_main_returns_while_scripts_begin,
        ends::b133_the_process_exits_while_scripts_run,
        ends::b133_main_returns_while_bodies_use_qt,
        ends::b133_the_process_exits_while_bodies_use_qt,
        faces::signals_are_connected_by_pointer_and_by_name,
        faces::b20_enumerators_agree,
        faces::b20_options_take_their_enumerators,
        faces::b109_max_workers_is_a_number_to_cpp,
        faces::an_error_outside_of_javascript_poisons_nothing,
        faces::properties_follow_what_others_do,
        faces::b328_numbers_that_rust_sets_are_announced,
        faces::b80_two_engines_have_their_own_errors_and_the_same_signals,
        faces::an_engine_on_another_thread_is_refused,
        faces::b140_ends_that_nobody_hears_of_take_no_place,
        faces::b85_b86_engines_go_while_their_tasks_run,
        local::b352_a_future_awaits_tasks_and_a_timer_and_sets_properties,
        local::b352_b384_by_a_virtual_clock_hours_are_a_moment,
        local::b352_wakes_from_many_threads_are_not_lost,
        local::b353_it_is_dropped_with_its_receiver,
        local::b353_a_receiver_that_is_deleted_in_its_own_poll_is_not_used_again,
        local::b353_a_receiver_that_is_deleted_in_a_loop_of_its_poll,
        local::b354_an_event_loop_in_a_poll_does_not_poll_it_again_and_polls_others,
        local::b355_an_error_and_a_panic_are_logged_once_with_where_it_was_started,
        local::b356_another_thread_is_refused,
        local::b357_its_handle_cancels_it_and_dropping_that_does_not,
        local::b359_a_flood_of_wakes_leaves_the_event_loop_alive,
        models::b20_filters_and_orders_agree,
        models::bad_indices_and_roles_give_nothing,
        models::a_storm_keeps_every_model_in_order,
        models::slots_may_call_the_model,
        models::b115_a_slot_deletes_the_model_that_calls_it,
        models::b73_progress_is_told_by_frames,
        models::b73_a_million_tasks_have_few_rows,
        models::b46_an_idle_model_has_no_wake_ups,
        models::elapsed_is_renewed_while_a_task_runs,
        models::the_time_until_a_start_is_renewed,
        models::a_flood_of_changes_is_read_anew,
        models::a_model_on_another_thread_stays_empty,
        models::models_come_and_go_while_tasks_run,
        runs::b48_each_run_of_a_periodic_task_has_a_token_of_its_own,
        scripts::b89_a_script_from_rust,
        scripts::b14_arguments_of_a_script,
        scripts::b14_results_of_a_script,
        runs::b76_active_count_counts_the_later_runs_of_a_periodic_task,
        runs::b76_a_count_that_was_read_ahead_is_told,
        runs::b76_who_connects_later_hears_of_counts,
        trace::b369_drains_and_slots_are_in_the_trace_that_qml_begins_and_ends,
        trace::b391_a_trace_without_a_path_has_a_new_file,
        stats::b373_qml_takes_figures_reads_them_and_forgets_them,
        readme::the_readme_quotes_the_example,
        readme::the_readme_names_the_dependencies_of_the_example,
    ];
    for (name, _) in ends::CHILDREN {
        let code = if *name == "exit-in-task" { 9 } else { 0 };
        trials.push(trial(format!("ends::b117_b118 {name}"), move || ends::expect(name, code)));
    }
    for (name, _) in shutdown::CHILDREN {
        trials.push(trial(format!("shutdown::{name}"), move || ends::expect(name, 0)));
    }
    for (name, _) in faces::CHILDREN {
        trials.push(trial(format!("faces::{name}"), move || ends::expect(name, 0)));
    }
    for (name, _) in local::CHILDREN {
        trials.push(trial(format!("local::b358 {name}"), move || ends::expect(name, 0)));
    }
    conformance_trials(&mut trials);
    libtest_mimic::run(&arguments, trials).exit();
}
