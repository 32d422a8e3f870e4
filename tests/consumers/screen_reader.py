"""What a screen reader is told of a TaskMonitor, by AT-SPI (B152, B202, B206).

Started by itself inside of a session bus with a display, as screen_reader.sh does: screen_reader.py QML PROGRAM.
"""

import subprocess
import sys
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # noqa: E402

DEADLINE = 30


def below(node, depth=0):
    """A node and all below it; some go while they are looked at."""
    if node is None or depth > 20:
        return
    yield node
    try:
        children = [node.get_child_at_index(at) for at in range(node.get_child_count())]
    except Exception:
        return
    for child in children:
        yield from below(child, depth + 1)


def named(start):
    return [node for node in below(Atspi.get_desktop(0)) if (node.get_name() or "").startswith(start)]


def until(what, look):
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise SystemExit(f"did not come: {what}")


def expect(what, found, expected):
    if found != expected:
        raise SystemExit(f"{what}: {found!r}, expected {expected!r}")


def is_shown(node):
    return node.get_state_set().contains(Atspi.StateType.SHOWING)


def press(node):
    action = node.get_action_iface()
    names = [action.get_action_name(at) for at in range(action.get_n_actions())]
    action.do_action(names.index("Press"))


def told():
    row = until("the row", lambda: named("Index"))[0]
    expect("the row's role", row.get_role_name(), "list item")
    until("the row's percentage", lambda: "42 %" in row.get_description())
    for bar in named("Progress of "):
        expect("a bar's role", bar.get_role_name(), "progress bar")
    # Of the task's own; and of all, of which two have not begun.
    until("the bars' texts", lambda: {bar.get_description() for bar in named("Progress of ")} == {"42 %", "14 %"})

    filters = named("Show ")
    expect("the filters' roles", [node.get_role_name() for node in filters], ["radio button"] * 3)
    checked = [node.get_state_set().contains(Atspi.StateType.CHECKED) for node in filters]
    expect("the filters' states", checked, [False, True, False])

    # What the others wait for.
    for name, description in [("Save", 'Waiting for "Index"'), ("Upload", "Try 2 of 4 in 1 h")]:
        other = until(f"the row {name}", lambda name=name: named(name))[0]
        expect(f"the role of {name}", other.get_role_name(), "list item")
        until(f"{name}: {description}", lambda other=other, text=description: other.get_description() == text)

    # The default action chooses the row: it has the focus then, and is at work.
    press(row)
    until("that it is chosen", lambda: row.get_state_set().contains(Atspi.StateType.FOCUSED))
    expect("what it is about", row.get_description(), "Page 3, 42 %")
    # The search is begun by a button, and ended by it.
    search = named("Search tasks")[0]
    press(search)
    until("a field for the words", lambda: any(node.get_role_name() in ["text", "entry"] for node in named("Search tasks")))
    press(search)
    until("that it is gone", lambda: sum(map(is_shown, named("Search tasks"))) == 1)
    # Its own button cancels it, and then something is told.
    press(named("Cancel Index")[0])
    until("that it is cancelled", lambda: not any("Page 3" in node.get_description() for node in named("Index")))


# A program that asks the registry before it is there is in no list of programs.
until("the registry", lambda: Atspi.get_desktop(0).get_name() == "main")
program = subprocess.Popen(sys.argv[1:])
try:
    told()
    print("all as it is to be told")
finally:
    program.kill()
    program.wait()
