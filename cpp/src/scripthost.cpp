#include "scripthost.h"

#include "script.h"

#include "legwork/src/qt/script.cxx.h"

namespace legwork {

bool ScriptHost::isCancelled() const { return m_run.is_cancelled(); }

QString ScriptHost::taskId() const { return m_run.task_id(); }

double ScriptHost::iteration() const { return m_run.iteration(); }

double ScriptHost::attempt() const { return m_run.attempt(); }

void ScriptHost::progress(const QJSValue &value, const QJSValue &message, const QJSValue &unit)
{
    if (!unit.isUndefined()) {
        m_run.count(value.toNumber(), message.toNumber(), unit.toString());
        return;
    }
    const auto text = message.isUndefined() || message.isNull() ? QString() : message.toString();
    // Without a value there is nothing to measure by; without a message the last one stays.
    if (value.isUndefined() || value.isNull() || (value.isNumber() && value.toNumber() < 0))
        m_run.say(text);
    else if (message.isUndefined())
        m_run.measure(value.toNumber());
    else
        m_run.report(value.toNumber(), text);
}

void ScriptHost::send(const QJSValue &value)
{
    if (const auto wrong = m_run.send(QVariant::fromValue(value)); !wrong.isEmpty())
        qjsEngine(this)->throwError(QJSValue::TypeError, QStringLiteral("send: ") + wrong);
}

void ScriptHost::sleep(const QJSValue &ms)
{
    if (const auto value = ms.toNumber(); !ms.isNumber() || !(value >= 0) || value > 3'153'600'000'000.0)
        qjsEngine(this)->throwError(QJSValue::RangeError,
                                    QStringLiteral("sleep(%1): expected milliseconds, a number from 0 to "
                                                   "3153600000000 (100 years)")
                                        .arg(ms.isObject() ? QStringLiteral("an object") : ms.toString().left(60)));
    else
        m_run.sleep(value);
}

void ScriptHost::beginBlocking() { m_run.begin_blocking(); }

void ScriptHost::endBlocking() { m_run.end_blocking(); }

} // namespace legwork
