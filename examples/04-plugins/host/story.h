// Plugins that come and go while they work, told in the terminal.
#ifndef STORY_H
#define STORY_H

#include <legwork/pluginhost.h>

// What the process is to return: 0 if all went as it should.
int tellStory(legwork::PluginHost &host, const QStringList &files);

#endif
