package org.memesdetection.ui.review

import android.content.Context
import android.net.Uri
import android.view.View
import android.view.ViewGroup
import android.widget.BaseAdapter
import android.widget.GridView
import org.memesdetection.R
import org.memesdetection.data.Judged
import org.memesdetection.ui.Thumbnails

/** The cells of the grid. */
class PictureAdapter(
    private val context: Context,
    private val thumbnails: Thumbnails,
    private val onCheck: (Judged) -> Unit,
) : BaseAdapter() {
    private var pictures = emptyList<Judged>()
    private var selected = emptySet<Uri>()
    private val least = context.resources.getDimensionPixelSize(R.dimen.cell)

    /** Show other pictures, or another selection of the same in [grid]. */
    fun show(pictures: List<Judged>, selected: Set<Uri>, grid: GridView) {
        this.selected = selected
        if (pictures !== this.pictures) {
            this.pictures = pictures
            notifyDataSetChanged()
            return
        }
        // Only ticks change: the thumbnails stay as they are.
        for (place in 0 until grid.childCount) {
            val picture = pictures.getOrNull(grid.firstVisiblePosition + place) ?: continue
            (grid.getChildAt(place) as PictureCell).mark(picture.uri in selected)
        }
    }

    override fun getCount() = pictures.size

    override fun getItem(place: Int) = pictures[place]

    override fun getItemId(place: Int) = pictures[place].uri.hashCode().toLong()

    override fun getView(place: Int, old: View?, parent: ViewGroup): View {
        val cell = old as? PictureCell ?: PictureCell(context)
        val picture = pictures[place]
        val side = maxOf(least, (parent as GridView).columnWidth)
        cell.show(picture, picture.uri in selected, thumbnails, side) { onCheck(picture) }
        return cell
    }
}
