package androidx.test.platform.app;

import android.app.Instrumentation;
import android.os.Bundle;

public final class InstrumentationRegistry {
    private static volatile Instrumentation instance;
    private static volatile Bundle arguments;

    private InstrumentationRegistry() { }

    public static void registerInstance(Instrumentation instrumentation, Bundle told) {
        instance = instrumentation;
        arguments = new Bundle(told);
    }

    public static Instrumentation getInstrumentation() {
        if (instance == null) {
            throw new IllegalStateException("no instrumentation registered");
        }
        return instance;
    }

    public static Bundle getArguments() {
        return new Bundle(arguments);
    }
}
