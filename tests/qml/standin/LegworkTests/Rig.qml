pragma Singleton
import QtQml

// In the place of the tests' own, for qmltestrunner: there is nothing to hold.
QtObject {
    function watchWarnings() {}
    function beginFunction() {}
    function endFunction() {}
    function idle(): bool { return true }
    function processEvents() {}
}
