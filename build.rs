//! Builds the Qt half: the QML module `Legwork`, the generated objects, the C++ shims.
//! Without the feature `qt` there is nothing to do, and no Qt is looked for.

#[cfg(feature = "qt")]
fn main() {
    use cxx_qt_build::{CxxQtBuilder, QmlModule};

    // The virtual clock, for tests of applications.
    let testing = cfg!(feature = "testing");
    let headers = ["baseplugin", "pluginapi", "pluginhost", "taskface", "taskmanagerbase", "taskmodelbase"];
    let headers = headers.into_iter().chain(testing.then_some("testing"));
    let headers: Vec<_> = headers.map(|name| format!("cpp/include/legwork/{name}.h")).collect();
    let of_testing = ["cpp/src/clockelement.cpp", "cpp/src/clockelement.h", "cpp/src/testing.cpp"];
    let sources = [
        "cpp/src/baseplugin.cpp",
        "cpp/src/bridge/body.cpp",
        "cpp/src/bridge/context.cpp",
        "cpp/src/bridge/errors.cpp",
        "cpp/src/bridge/external.cpp",
        "cpp/src/bridge/futures.cpp",
        "cpp/src/bridge/history.cpp",
        "cpp/src/bridge/notice.cpp",
        "cpp/src/bridge/result.cpp",
        "cpp/src/bridge/submit.cpp",
        "cpp/src/bridge/task.cpp",
        "cpp/src/callsite.cpp",
        "cpp/src/declaredtask.cpp",
        "cpp/src/declaredtask.h",
        "cpp/src/externalelement.cpp",
        "cpp/src/externalelement.h",
        "cpp/src/groupelement.cpp",
        "cpp/src/groupelement.h",
        "cpp/src/hold.cpp",
        "cpp/src/inbox.cpp",
        "cpp/src/instance.cpp",
        "cpp/src/interpreted.cpp",
        "cpp/src/lifetimes.cpp",
        "cpp/src/localreceiver.cpp",
        "cpp/src/log.cpp",
        "cpp/src/mailbox.cpp",
        "cpp/src/pending.cpp",
        "cpp/src/pluginapi.cpp",
        "cpp/src/pluginfile.cpp",
        "cpp/src/pluginhost.cpp",
        "cpp/src/plugintypes.cpp",
        "cpp/src/process.cpp",
        "cpp/src/resultof.cpp",
        "cpp/src/router.cpp",
        "cpp/src/run.cpp",
        "cpp/src/schedule.cpp",
        "cpp/src/script.cpp",
        "cpp/src/scripthost.h",
        "cpp/src/scripthost.cpp",
        "cpp/src/sendhome.cpp",
        "cpp/src/statselement.cpp",
        "cpp/src/statselement.h",
        "cpp/src/taskelement.cpp",
        "cpp/src/taskelement.h",
        "cpp/src/taskface.cpp",
        "cpp/src/taskmanagerbase.cpp",
        "cpp/src/taskmodelbase.cpp",
        "cpp/src/taskview.cpp",
        "cpp/src/taskview.h",
        "cpp/src/tracefile.cpp",
        "cpp/src/ui.cpp",
        "cpp/src/values.cpp",
    ];
    for private in [
        "baseplugin_p",
        "bridge/bridge",
        "bridge/calls",
        "bridge/futures",
        "callsite",
        "clockelement",
        "declaredtask",
        "externalelement",
        "groupelement",
        "hold",
        "inbox",
        "instance",
        "interpreted",
        "lifetimes",
        "localreceiver",
        "mailbox",
        "mutex",
        "pending",
        "pluginapi_p",
        "pluginfile",
        "plugintypes",
        "resultof",
        "router",
        "script",
        "scripthost",
        "sendhome",
        "statselement",
        "taskcontext_p",
        "taskelement",
        "taskface_p",
        "taskmanagerbase_p",
        "taskmodelbase_p",
        "taskview",
        "tracefile",
        "ui",
        "values",
    ]
    .map(|name| format!("cpp/src/{name}.h"))
    {
        println!("cargo::rerun-if-changed={private}");
    }
    // In the resource, and beside the installed qmldir, they have the paths that they have here.
    let qml = ["TaskIndicator", "TaskMonitor", "TaskQuitDialog"].map(|name| format!("qml/{name}.qml"));
    let parts = [
        "TaskMonitorArrow",
        "TaskMonitorBar",
        "TaskMonitorCross",
        "TaskMonitorGlass",
        "TaskMonitorHold",
        "TaskMonitorHeading",
        "TaskMonitorLook",
        "TaskMonitorMark",
        "TaskMonitorMenu",
        "TaskMonitorMore",
        "TaskMonitorPace",
        "TaskMonitorRow",
        "TaskMonitorSign",
        "TaskMonitorSlowest",
        "TaskMonitorTally",
        "TaskMonitorTools",
        "TaskMonitorTrace",
    ]
    .map(|name| format!("qml/parts/{name}.qml"));
    // cxx-qt-build writes it, for editors. A checkout is a place for that, and a package is not: cargo refuses one
    // that changes as it is built.
    let for_editors = std::path::Path::new(".qmlls.ini");
    let stays = for_editors.exists() || std::path::Path::new(".git").exists();
    // What tools need to know of QAbstractListModel, the base of TaskModel, is described in QtQml.Models.
    let module =
        QmlModule::new("Legwork").version(1, 0).depend("QtQml.Models").qml_files(qml).qml_files(parts);
    CxxQtBuilder::new_qml_module(module)
        .files([
            "src/qt/bases.rs",
            "src/qt/bridge_body.rs",
            "src/qt/bridge_external.rs",
            "src/qt/bridge_history.rs",
            "src/qt/bridge_notice.rs",
            "src/qt/bridge_owner.rs",
            "src/qt/bridge_result.rs",
            "src/qt/bridge_stats.rs",
            "src/qt/bridge_submit.rs",
            "src/qt/bridge_task.rs",
            "src/qt/face.rs",
            "src/qt/groups.rs",
            "src/qt/id.rs",
            "src/qt/inbox.rs",
            "src/qt/local.rs",
            "src/qt/manager.rs",
            "src/qt/manager_thread.rs",
            "src/qt/model.rs",
            "src/qt/script.rs",
            "src/qt/values.rs",
            "src/qt/views.rs",
            "src/qt/watching.rs",
        ])
        .files(testing.then_some("src/qt/testing.rs"))
        .crate_include_root(Some("cpp/include/legwork".to_owned()))
        .include_dir("cpp/src")
        .cpp_files(headers)
        .cpp_files(sources)
        .cpp_files(of_testing.into_iter().filter(|_| testing))
        .build()
        // C++ that uses the object includes its header, which includes those of cxx-qt-lib.
        .reexport_dependency("cxx-qt-lib")
        .export();
    if !stays {
        // Gone already, or not to be removed: then the build is none the worse for it.
        let _ = std::fs::remove_file(for_editors);
    }
}

#[cfg(not(feature = "qt"))]
fn main() {}
