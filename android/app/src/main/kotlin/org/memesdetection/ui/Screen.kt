package org.memesdetection.ui

import android.app.Activity
import android.content.Context
import android.graphics.Rect
import android.os.Build
import android.os.Bundle
import android.view.View
import android.view.ViewGroup
import android.view.WindowInsets
import android.widget.FrameLayout
import android.widget.TextView
import android.widget.Toolbar
import java.io.Closeable
import org.memesdetection.App
import org.memesdetection.NeedsApi
import org.memesdetection.R
import org.memesdetection.settings.Appearance

/**
 * A screen: it draws the state of its view model and forwards clicks, nothing more.
 *
 * The content set with [setContentView] stands under a toolbar, drawn from edge to edge. Its
 * [scrolling] views, if it has any, scroll under the navigation bar; other content stays above it.
 * A view with the id `bottom_bar` is padded to reach below the navigation bar.
 */
abstract class Screen<M : ViewModel> : Activity() {
    /** The app's parts. */
    protected val app: App get() = application as App

    /** What this screen shows; the same over rotations. */
    lateinit var model: M
        private set

    protected lateinit var toolbar: Toolbar
        private set

    private lateinit var appearance: Appearance
    private lateinit var messages: MessageBar
    private val closeables = mutableListOf<Closeable>()

    /** Make the view model; [saved] is what its `save` left if the process ended since. */
    protected abstract fun createModel(saved: Bundle?): M

    override fun attachBaseContext(base: Context) = super.attachBaseContext(Appearance.wrap(base))

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        appearance = Appearance.of(this)
        // Only this screen put it there.
        @Suppress("UNCHECKED_CAST", "DEPRECATION")
        model = lastNonConfigurationInstance as M? ?: createModel(saved)
    }

    override fun setContentView(layout: Int) {
        super.setContentView(R.layout.screen)
        toolbar = findViewById(R.id.toolbar)
        messages = findViewById(R.id.messages)
        layoutInflater.inflate(layout, findViewById<FrameLayout>(R.id.content))
        setActionBar(toolbar)
        if (hasUp) {
            toolbar.setNavigationIcon(R.drawable.ic_back)
            toolbar.setNavigationContentDescription(R.string.back)
            toolbar.setNavigationOnClickListener { leave() }
        }
        drawEdgeToEdge()
        keep(model.message.observe(::say))
    }

    /** Whether an arrow in the toolbar leads back. */
    protected open val hasUp: Boolean get() = true

    /** Ids of the views that scroll under the navigation bar. */
    protected open val scrolling: List<Int> get() = listOf(R.id.scrolling)

    /** Draw a state now and at each change, until the screen is gone. */
    protected fun <T> State<T>.draw(observer: (T) -> Unit) = keep(observe(observer))

    /** Close something together with the screen. */
    protected fun keep(closeable: Closeable) {
        closeables.add(closeable)
    }

    /** The text of a view of this screen. */
    protected fun setText(id: Int, text: CharSequence) {
        findViewById<TextView>(id).text = text
    }

    override fun onStart() {
        super.onStart()
        if (appearance != Appearance.of(this)) recreate()
    }

    override fun onSaveInstanceState(state: Bundle) {
        super.onSaveInstanceState(state)
        model.save(state)
    }

    @Deprecated("The framework's way to keep an object over a rotation.")
    @Suppress("OVERRIDE_DEPRECATION")
    override fun onRetainNonConfigurationInstance(): Any = model

    override fun onDestroy() {
        closeables.forEach(Closeable::close)
        closeables.clear()
        if (!isChangingConfigurations) model.close()
        super.onDestroy()
    }

    /** Back to where the user came from, or up where that was another app or a notification. */
    protected open fun leave() {
        if (isTaskRoot) parentActivityIntent?.let(::startActivity)
        finish()
    }

    private fun say(message: Message?) {
        if (message == null) messages.hide() else messages.show(message) { model.message.set(null) }
    }

    private fun drawEdgeToEdge() {
        if (Build.VERSION.SDK_INT >= 30) {
            drawBehindBars()
        } else {
            @Suppress("DEPRECATION")
            window.decorView.systemUiVisibility = window.decorView.systemUiVisibility or
                View.SYSTEM_UI_FLAG_LAYOUT_STABLE or
                View.SYSTEM_UI_FLAG_LAYOUT_FULLSCREEN or
                View.SYSTEM_UI_FLAG_LAYOUT_HIDE_NAVIGATION
        }
        val frame = findViewById<View>(R.id.screen)
        val content = findViewById<View>(R.id.content)
        val ends = (scrolling + R.id.bottom_bar)
            .mapNotNull { frame.findViewById<View?>(it) }
            .associateWith { it.paddingBottom }
        val margin = resources.getDimensionPixelSize(R.dimen.gap)
        frame.setOnApplyWindowInsetsListener { _, insets ->
            val bars = bars(insets)
            frame.setPadding(bars.left, bars.top, bars.right, 0)
            if (ends.isEmpty()) content.setBottomPadding(bars.bottom)
            ends.forEach { (view, own) -> view.setBottomPadding(own + bars.bottom) }
            (messages.layoutParams as ViewGroup.MarginLayoutParams).bottomMargin =
                bars.bottom + margin
            messages.requestLayout()
            insets
        }
    }

    @NeedsApi(30)
    private fun drawBehindBars() = window.setDecorFitsSystemWindows(false)

    private fun bars(insets: WindowInsets): Rect =
        if (Build.VERSION.SDK_INT >= 30) typedBars(insets) else oldBars(insets)

    @NeedsApi(30)
    private fun typedBars(insets: WindowInsets): Rect {
        val types = WindowInsets.Type.systemBars() or
            WindowInsets.Type.displayCutout() or
            WindowInsets.Type.ime()
        return insets.getInsets(types).run { Rect(left, top, right, bottom) }
    }

    @Suppress("DEPRECATION")
    private fun oldBars(insets: WindowInsets) = Rect(
        insets.systemWindowInsetLeft,
        insets.systemWindowInsetTop,
        insets.systemWindowInsetRight,
        insets.systemWindowInsetBottom,
    )

    private fun View.setBottomPadding(bottom: Int) =
        setPaddingRelative(paddingStart, paddingTop, paddingEnd, bottom)
}
