#include "duplicates_suite/suite.h"
#include "duplicates_suite/setup.h"
#include "duplicates_suite/tst_finder.h"

#include "duplicates_suite/src/lib.cxx.h"

#include <legwork/taskmanager.h>

#include <QtCore/QCoreApplication>
#include <QtQuickTest/quicktest.h>
#include <QtTest/QTest>

#include <string>
#include <vector>

namespace suite {

namespace {

// Arguments as a C program gets them.
class Arguments {
public:
    explicit Arguments(const rust::Vec<rust::String> &arguments)
    {
        for (const auto &argument : arguments)
            texts.emplace_back(argument);
        for (auto &text : texts)
            pointers.push_back(text.data());
        count = static_cast<int>(pointers.size());
        pointers.push_back(nullptr);
    }

    std::vector<std::string> texts;
    std::vector<char *> pointers;
    int count = 0;
};

} // namespace

void Setup::applicationAvailable() { duplicates::serve(*legwork::TaskManager::instance()); }

// It is no import path by itself before Qt 6.5.
void Setup::qmlEngineAvailable(QQmlEngine *engine) { engine->addImportPath(QStringLiteral("qrc:/qt/qml")); }

std::int32_t runCpp(rust::Vec<rust::String> arguments)
{
    Arguments given(arguments);
    QCoreApplication application(given.count, given.pointers.data());
    duplicates::serve(*legwork::TaskManager::instance());
    TestFinder test;
    return QTest::qExec(&test, given.count, given.pointers.data());
}

std::int32_t runQml(rust::Vec<rust::String> arguments, rust::Str file)
{
    for (const auto &[variable, value] :
         {std::pair("QT_QPA_PLATFORM", "offscreen"), std::pair("QT_QUICK_BACKEND", "software")}) {
        if (!qEnvironmentVariableIsSet(variable))
            qputenv(variable, value);
    }
    arguments.push_back("-input");
    arguments.push_back(rust::String(file.data(), file.size()));
    Arguments given(arguments);
    Setup setup;
    return quick_test_main_with_setup(given.count, given.pointers.data(), "duplicates", nullptr, &setup);
}

} // namespace suite
