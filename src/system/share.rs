//! A thread's share of the processors and of the disks.
//!
//! What a thread gives away it does not get back: on Linux that would take privileges. So it is called once, at a
//! thread's start. Threads that it starts have what it has, where the system hands that on, as Linux does.
//!
//! What a system refuses is left as it is: a share is never what a result hangs on.

/// The least that a thread of the background gives way by.
const BACKGROUND_NICE: u8 = 10;

/// Has the calling thread give way to the process's others by `nice`, from 1 to 19, as the system has it; `background`:
/// by 10 at least, and with its reads and writes, too. 0 changes nothing.
///
/// - Linux: its nice value becomes so much above that of the process's first thread, or stays what it is if that is
///   more. In the background also SCHED_BATCH, and the idle class of reads and writes.
/// - macOS: the QoS class User Initiated, one below that of the UI thread; in the background Background. Untried.
/// - Windows: a priority below normal; in the background the background mode, with EcoQoS. Untried.
pub fn give_way(nice: u8, background: bool) {
    if nice > 0 {
        system(if background { nice.max(BACKGROUND_NICE) } else { nice }, background);
    }
}

/// Whether the calling thread has given away more than `nice`, so that a thread which it starts has less than one that
/// was to give away that. Known on Linux alone, where threads inherit it.
#[cfg(target_os = "linux")]
pub fn has_less(nice: u8) -> bool {
    let (own, process) = (nice_of(0), nice_of(std::process::id()));
    nice > 0 && own > (process + libc::c_int::from(nice)).min(MOST)
}

#[cfg(not(target_os = "linux"))]
pub fn has_less(_: u8) -> bool {
    false
}

/// The highest nice value.
#[cfg(target_os = "linux")]
const MOST: libc::c_int = 19;

/// That of a thread, 0 for the calling one. The first thread of a process has the process's number.
#[cfg(target_os = "linux")]
fn nice_of(thread: u32) -> libc::c_int {
    // SAFETY: it takes numbers, and touches no memory but the place of `errno`, which is this thread's. -1 is a nice
    // value, and an error, too; either way no more than a number of that range comes.
    unsafe { libc::getpriority(libc::PRIO_PROCESS, thread) }
}

#[cfg(target_os = "linux")]
fn system(nice: u8, background: bool) {
    // From the kernel's headers, which libc does not have.
    const WHO_PROCESS: libc::c_int = 1;
    const CLASS_IDLE: libc::c_int = 3 << 13;
    let nice = (nice_of(std::process::id()) + libc::c_int::from(nice)).min(MOST).max(nice_of(0));
    // SAFETY: calls with numbers, that touch no memory of this process but the place of `errno`, which is this
    // thread's, and `param`, which lives for the call. 0 stands for the calling thread: Linux has these of threads, not
    // of processes.
    unsafe {
        libc::setpriority(libc::PRIO_PROCESS, 0, nice);
        if background {
            let param = libc::sched_param { sched_priority: 0 };
            libc::sched_setscheduler(0, libc::SCHED_BATCH, &raw const param);
            libc::syscall(libc::SYS_ioprio_set, WHO_PROCESS, 0, CLASS_IDLE);
        }
    }
}

#[cfg(target_vendor = "apple")]
fn system(_: u8, background: bool) {
    let class = match background {
        true => libc::qos_class_t::QOS_CLASS_BACKGROUND,
        false => libc::qos_class_t::QOS_CLASS_USER_INITIATED,
    };
    // SAFETY: it changes the calling thread's class, and touches no memory of ours.
    unsafe {
        libc::pthread_set_qos_class_self_np(class, 0);
    }
}

#[cfg(windows)]
fn system(_: u8, background: bool) {
    use windows_sys::Win32::System::Threading::{
        GetCurrentThread, SetThreadInformation, SetThreadPriority, THREAD_MODE_BACKGROUND_BEGIN,
        THREAD_POWER_THROTTLING_CURRENT_VERSION, THREAD_POWER_THROTTLING_EXECUTION_SPEED,
        THREAD_POWER_THROTTLING_STATE, THREAD_PRIORITY_BELOW_NORMAL, ThreadPowerThrottling,
    };
    let speed = THREAD_POWER_THROTTLING_EXECUTION_SPEED;
    let eco = THREAD_POWER_THROTTLING_STATE {
        Version: THREAD_POWER_THROTTLING_CURRENT_VERSION,
        ControlMask: speed,
        StateMask: speed,
    };
    // SAFETY: the handle stands for the calling thread, and needs no closing. The calls read `eco` alone, which lives
    // for them and is as large as they are told.
    unsafe {
        let thread = GetCurrentThread();
        if !background {
            SetThreadPriority(thread, THREAD_PRIORITY_BELOW_NORMAL);
            return;
        }
        SetThreadPriority(thread, THREAD_MODE_BACKGROUND_BEGIN);
        let size = size_of_val(&eco) as u32;
        SetThreadInformation(thread, ThreadPowerThrottling, (&raw const eco).cast(), size);
    }
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple", windows)))]
fn system(_: u8, _: bool) {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// What the calling thread has: its nice value, its policy, its class of reads and writes.
    fn own() -> (i32, i32, libc::c_long) {
        // SAFETY: they read numbers of the calling thread.
        unsafe { (nice_of(0), libc::sched_getscheduler(0), libc::syscall(libc::SYS_ioprio_get, 1, 0) >> 13) }
    }

    /// What a thread has that has given way.
    fn of_a_thread(nice: u8, background: bool) -> (i32, i32, libc::c_long) {
        let thread = std::thread::spawn(move || {
            give_way(nice, background);
            own()
        });
        thread.join().unwrap()
    }

    #[test]
    fn b340_a_thread_gives_way_and_no_other_does() {
        let (process, policy, class) = own();
        assert_eq!(of_a_thread(0, true), (process, policy, class));
        assert_eq!(of_a_thread(3, false), ((process + 3).min(MOST), policy, class));
        assert_eq!(of_a_thread(3, true), ((process + 10).min(MOST), libc::SCHED_BATCH, 3));
        assert_eq!(of_a_thread(19, true), (MOST, libc::SCHED_BATCH, 3));
        assert_eq!(own(), (process, policy, class));
    }

    #[test]
    fn b340_a_thread_has_what_the_one_has_that_started_it() {
        let process = nice_of(0);
        let thread = std::thread::spawn(move || {
            let before = (has_less(0), has_less(3), has_less(12));
            give_way(12, false);
            let started = std::thread::spawn(own).join().unwrap().0;
            // Which is why nothing is added to it.
            let again = std::thread::spawn(|| {
                give_way(12, false);
                own().0
            });
            (before, (has_less(0), has_less(3), has_less(12)), started, again.join().unwrap())
        });
        let twelve = (process + 12).min(MOST);
        let expected = ((false, false, false), (false, process + 3 < MOST, false), twelve, twelve);
        assert_eq!(thread.join().unwrap(), expected);
    }
}
