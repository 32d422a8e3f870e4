// TaskManager::instance(): the TaskManager of C++.
#include "instance.h"

#include "legwork/taskmanager.h"

#include "inbox.h"
#include "mutex.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QThread>

namespace legwork {

namespace {

// Nothing else is locked inside of it, and nothing of a user's runs: the constructor connects nobody.
Mutex instanceMutex;
TaskManager *theInstance = nullptr;
bool applicationGoes = false;

} // namespace

TaskManager *TaskManagerBase::instance()
{
    const std::lock_guard lock(instanceMutex);
    auto *application = QCoreApplication::instance();
    if (!application || applicationGoes)
        return nullptr;
    if (!theInstance) {
        makingInstance(true);
        theInstance = new TaskManager;
        makingInstance(false);
        if (application->thread() != QThread::currentThread())
            theInstance->moveToThread(application->thread());
        adoptInstance(theInstance);
    }
    return theInstance;
}

TaskManagerBase::~TaskManagerBase()
{
    // Nobody is to delete the instance; where somebody does, the next call makes another one.
    const std::lock_guard lock(instanceMutex);
    if (theInstance == this) {
        theInstance = nullptr;
        abandonInstance();
    }
}

void openInstance()
{
    const std::lock_guard lock(instanceMutex);
    applicationGoes = false;
}

void closeInstance()
{
    TaskManager *gone = nullptr;
    {
        const std::lock_guard lock(instanceMutex);
        applicationGoes = true;
        gone = std::exchange(theInstance, nullptr);
    }
    if (gone)
        abandonInstance();
    delete gone;
}

} // namespace legwork
