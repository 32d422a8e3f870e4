#include "window.h"

#include <QtWidgets/QApplication>

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    const auto window = makeWindow();
    window->show();
    return application.exec();
}
