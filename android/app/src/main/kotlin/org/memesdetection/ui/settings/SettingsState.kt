package org.memesdetection.ui.settings

import org.memesdetection.gallery.Folder
import org.memesdetection.model.MemesError
import org.memesdetection.model.Strictness
import org.memesdetection.server.Pong

/** How the test of the server went. */
sealed class Test {
    object None : Test()
    object Asking : Test()
    class Answered(val pong: Pong) : Test()
    class Failed(val error: MemesError) : Test()
}

/** The folders to choose from; [chosen] are the paths of those that would be looked through now. */
class Choice(val folders: List<Folder>, val chosen: Set<String>)

/**
 * What the settings say, and what is to be said of them.
 *
 * @property strictnesses the steps that there are; empty until the model's card is read.
 * @property folders paths of the folders to look through; null for the usual ones.
 * @property choosable while the user is asked for folders; else null.
 * @property mayNotify whether the system lets the app show notifications.
 * @property mayLook whether the app may look at any pictures on its own.
 * @property addressError why the address that was written is not taken.
 * @property keyError why the key that was written is not taken.
 */
data class SettingsState(
    val strictness: String,
    val folders: Set<String>?,
    val backgroundCheck: Boolean,
    val everyMinutes: Int,
    val onlyCharging: Boolean,
    val language: String,
    val theme: String,
    val mayNotify: Boolean,
    val mayLook: Boolean,
    val strictnesses: List<Strictness> = emptyList(),
    val choosable: Choice? = null,
    val addressError: MemesError? = null,
    val keyError: MemesError? = null,
    val test: Test = Test.None,
)
