//! What the tests need of Qt, from `cpp/support.h`, and how they wait.

use std::time::{Duration, Instant};

use cxx_qt_lib::QString;

#[cxx::bridge(namespace = "support")]
pub mod ffi {
    #[namespace = ""]
    unsafe extern "C++" {
        include!("cxx-qt-lib/qstring.h");
        type QString = cxx_qt_lib::QString;
    }

    unsafe extern "C++" {
        include!("legwork_qt_tests/support.h");

        #[cxx_name = "catchMessages"]
        fn catch_messages();
        #[cxx_name = "takeMessages"]
        fn take_messages() -> QString;
        #[cxx_name = "processEvents"]
        fn process_events(wait_ms: i32);
        #[cxx_name = "execLoop"]
        fn exec_loop(most_ms: i32) -> bool;
        #[cxx_name = "quitLoop"]
        fn quit_loop();
        #[cxx_name = "execAndQuit"]
        fn exec_and_quit() -> i32;
        #[cxx_name = "memoryBytes"]
        fn memory_bytes() -> u64;

        type Scene;
        #[cxx_name = "makeScene"]
        fn make_scene(source: &QString) -> UniquePtr<Scene>;
        fn evaluate(self: Pin<&mut Scene>, script: &QString) -> QString;
        fn errors(self: &Scene) -> QString;
        #[cxx_name = "sceneOnAnotherThread"]
        fn scene_on_another_thread(source: &QString, script: &QString) -> QString;

        type Ticker;
        #[cxx_name = "makeTicker"]
        fn make_ticker() -> UniquePtr<Ticker>;
        fn gaps(self: &Ticker) -> Vec<u64>;
    }
}

/// Nothing here takes so long, unless it hangs.
const HANG: Duration = Duration::from_secs(60);

/// Delivers events until `done`; panics if that does not come.
pub fn process_until(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < HANG, "{what} did not come");
        ffi::process_events(20);
    }
}

/// A QML engine with an object in it.
pub struct Scene(cxx::UniquePtr<ffi::Scene>);

impl Scene {
    /// An object that imports Legwork, with `body` inside.
    pub fn new(body: &str) -> Scene {
        let source = format!("import QtQml\nimport Legwork\nQtObject {{ id: root\n{body}\n}}");
        let scene = ffi::make_scene(&QString::from(source.as_str()));
        let errors = scene.errors().to_string();
        assert_eq!(errors, "", "the scene has errors");
        Scene(scene)
    }

    /// The text of what `script` gives, or "throws …".
    pub fn eval(&mut self, script: &str) -> String {
        self.0.pin_mut().evaluate(&QString::from(script)).to_string()
    }
}
