package org.memesdetection.ui.review

import android.app.PendingIntent

/** What must be asked before pictures go to the trash or come back. */
sealed class Ask {
    /** Of [count] pictures [others] are not called memes: whether they shall go, too. */
    data class Others(val count: Int, val others: Int) : Ask()

    /** Whether pictures may go to the app's own trash. */
    data class Own(val tally: Tally) : Ask()

    /** The system asks, in a dialog of its own. */
    class System(val intent: PendingIntent) : Ask()
}
