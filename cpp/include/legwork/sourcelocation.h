// Where a task was submitted.
#ifndef LEGWORK_SOURCELOCATION_H
#define LEGWORK_SOURCELOCATION_H

#include <QtCore/QtGlobal>

#include <string_view>

// It says whether there is a std::source_location, whatever else was included before.
#if __has_include(<version>)
#include <version>
#endif
#if defined(__cpp_lib_source_location)
#include <source_location>
#endif

namespace legwork {

// A line of a program. As std::source_location, which C++17 has not, and which converts to it. Where
// LEGWORK_NO_LOCATIONS is defined, as by the CMake option LEGWORK_LOCATIONS=OFF, all are unknown, and no file's name is
// in the program.
//
// Options take the line on which they are written: {.name = "Scale"}, or TaskOptions options{}. Where they were made
// without braces (TaskOptions options;) the compiler knows no line, and none is kept.
class SourceLocation {
public:
    static constexpr SourceLocation unknown() noexcept { return SourceLocation(nullptr, 0); }

#ifdef LEGWORK_NO_LOCATIONS
    static constexpr SourceLocation current() noexcept { return unknown(); }
    static constexpr SourceLocation ofOptions(const char *) noexcept { return unknown(); }
#else
    // The line of the call.
    static constexpr SourceLocation current(const char *file = __builtin_FILE(),
                                            quint32 line = __builtin_LINE()) noexcept
    {
        return SourceLocation(file, line);
    }

    // The line on which options are written, for their default; unknown if that is in the file of their own class,
    // which the compiler gives for options that were made without braces.
    static constexpr SourceLocation ofOptions(const char *own, const char *file = __builtin_FILE(),
                                              quint32 line = __builtin_LINE()) noexcept
    {
        return std::string_view(file) == std::string_view(own) ? unknown() : SourceLocation(file, line);
    }
#endif

#if defined(__cpp_lib_source_location)
    constexpr SourceLocation(const std::source_location &location) noexcept
        : SourceLocation(location.file_name(), location.line())
    {
    }
#endif

    // As the compiler was given it; null if it is unknown.
    constexpr const char *file() const noexcept { return m_file; }
    // From 1; 0 if it is unknown.
    constexpr quint32 line() const noexcept { return m_line; }

private:
    constexpr SourceLocation(const char *file, quint32 line) noexcept : m_file(file), m_line(line) { }

    const char *m_file;
    quint32 m_line;
};

} // namespace legwork

#endif
