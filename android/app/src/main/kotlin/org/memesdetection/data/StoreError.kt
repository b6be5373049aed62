package org.memesdetection.data

import org.memesdetection.R
import org.memesdetection.model.MemesError

/** The app's database cannot be used. What is in it stays. */
abstract class StoreError(message: Int) : MemesError(message) {
    internal fun causedBy(error: Throwable): StoreError = apply { initCause(error) }
}

/** There is no room on the phone. */
class FullStorage : StoreError(R.string.store_full)

/** The file is damaged; it was moved away, and a new one is begun. */
class DamagedStore : StoreError(R.string.store_damaged)

/** The file was written by a newer version of the app. */
class NewerStore : StoreError(R.string.store_newer)

/** The system does not let the app read or write the file. */
class UnusableStore : StoreError(R.string.store_unusable)
